"""The one-shot job of compose that prepares the keys, and development tokens for trying things out.

`python -m deploy.docker.keys` makes the POS gateway's own signing key and writes its public key, which all services
trust for tills. With `KOPPEL_DEVELOPMENT_ISSUER=yes` there is an issuer whose tokens `… token [scopes]` prints;
switched off, its key is gone and its tokens end. Other issuers' keys are read by the services themselves.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deploy import signing
from deploy.errors import StackError


def main(arguments: list[str]) -> None:
    keys = Path(os.environ["KOPPEL_DATA_DIR"]) / "keys"
    if arguments[:1] == ["token"]:
        print(token(keys, arguments[1:]))
    else:
        prepare(keys)
        print(f"Wrote the public keys to {signing.public_file(keys, signing.GATEWAY).parent}")


def prepare(keys: Path) -> None:
    """Write the gateway's public key, and the development issuer's: no key of it is left while it is switched off."""
    signing.publish(keys, signing.GATEWAY)
    if development():
        signing.publish(keys, signing.ISSUER)
    else:
        signing.write_public(signing.public_file(keys, signing.ISSUER), [])
        signing.private_file(keys, signing.ISSUER).unlink(missing_ok=True)


def development() -> bool:
    return os.environ.get("KOPPEL_DEVELOPMENT_ISSUER", "").lower() in {"yes", "true", "1"}


def token(keys: Path, scopes: list[str]) -> str:
    if not development():
        raise StackError("there is no development issuer", "ask your identity provider for a token")
    key = signing.load(signing.private_file(keys, signing.ISSUER))
    return signing.signed(key, scopes or None, subject="developer")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except StackError as error:
        sys.exit(f"error: {error}")
