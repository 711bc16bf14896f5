"""The one-shot job of compose that prepares the keys, and development tokens for trying things out.

`python -m deploy.docker.keys` makes the POS gateway's own signing key and writes its public key, which all services
trust for tills. With `KOPPEL_DEVELOPMENT_ISSUER=yes` there is an issuer whose tokens `… token [scopes]` prints;
switched off, its list of keys is empty and its tokens end. Other issuers' keys are read by the services themselves.
"""

from __future__ import annotations

import os
import sys

from deploy.local import tokens
from deploy.local.errors import StackError
from deploy.local.settings import StackSettings


def main(arguments: list[str]) -> None:
    settings = StackSettings()
    if arguments[:1] == ["token"]:
        print(token(settings, arguments[1:]))
    else:
        prepare(settings)
        print(f"Wrote the public keys to {tokens.public_file(settings, tokens.GATEWAY).parent}")


def prepare(settings: StackSettings) -> None:
    """Write the gateway's public key, and the development issuer's: no key while it is switched off."""
    tokens.publish(settings, tokens.GATEWAY, tokens.load_or_make(tokens.gateway_key_file(settings)))
    if development():
        tokens.publish(settings, tokens.ISSUER, tokens.load_or_make(tokens.issuer_key_file(settings)))
    else:
        tokens.write_public(tokens.public_file(settings, tokens.ISSUER), [])


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
