"""The one-shot job of compose that prepares the keys, and development tokens for trying things out.

`python -m deploy.docker.keys` makes the POS gateway's own signing key and writes the list of public keys that
all services trust: the gateway's and the issuers'. Issuers are those of `KOPPEL_ISSUER_JWKS` (a file or an
HTTPS URL); with `KOPPEL_DEVELOPMENT_ISSUER=yes` there is one whose tokens `… token [scopes]` prints.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from deploy.local import tokens
from deploy.local.errors import StackError
from deploy.local.settings import StackSettings

FETCH_TIMEOUT_S: Final = 10


def main(arguments: list[str]) -> None:
    settings = StackSettings()
    if arguments[:1] == ["token"]:
        print(token(settings, arguments[1:]))
    else:
        prepare(settings)
        print(f"Wrote {tokens.jwks_file(settings)}")


def prepare(settings: StackSettings) -> None:
    trusted = issuers(settings)
    if not trusted:
        raise StackError(
            "nobody could issue a token that the services accept",
            "set KOPPEL_ISSUER_JWKS, or KOPPEL_DEVELOPMENT_ISSUER=yes to try things out",
        )
    gateway = tokens.load_or_make(tokens.gateway_key_file(settings))
    tokens.write_public(tokens.jwks_file(settings), [tokens.public_jwk(gateway, tokens.GATEWAY), *trusted])


def issuers(settings: StackSettings) -> list[dict[str, Any]]:
    found = read_key_set(os.environ.get("KOPPEL_ISSUER_JWKS", ""))
    if development():
        key = tokens.load_or_make(tokens.issuer_key_file(settings))
        found.append(tokens.public_jwk(key, tokens.ISSUER))
    return found


def read_key_set(source: str) -> list[dict[str, Any]]:
    if not source:
        return []
    if source.startswith("https://"):
        with urlopen(source, timeout=FETCH_TIMEOUT_S) as answer:  # noqa: S310  https, checked above
            document = json.load(answer)
    else:
        document = json.loads(Path(source).read_text())
    keys: list[dict[str, Any]] = document["keys"]
    return keys


def development() -> bool:
    return os.environ.get("KOPPEL_DEVELOPMENT_ISSUER", "").lower() in {"yes", "true", "1"}


def token(settings: StackSettings, scopes: list[str]) -> str:
    if not development():
        raise StackError("there is no development issuer", "ask your identity provider for a token")
    key = tokens.load(tokens.issuer_key_file(settings))
    return tokens.signed(key, scopes or None, subject="developer")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except StackError as error:
        sys.exit(f"error: {error}")
