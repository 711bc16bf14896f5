"""The issuers' public keys (JSON Web Key Set) from a file or a URL."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import jwt
import msgspec
import structlog
from jwt import PyJWK

from httpkit import problems

REFRESH_AFTER_S: Final = 30.0
"""Keys of this age are read again beside the requests: no request waits for a slow source."""
MAX_AGE_S: Final = 60.0
"""Older keys are read before they are used: so long a key that was withdrawn may still be accepted."""
MIN_AGE_S: Final = 5.0
"""An unknown key id makes the set be read again, but not more often than this."""
FETCH_DEADLINE_S: Final = 5.0
MAX_SET_BYTES: Final = 1024 * 1024
_ALGORITHM_OF: Final = {"OKP": "EdDSA", "RSA": "RS256", "EC": "ES256"}
_log = structlog.get_logger(__name__)


class KeySet:
    """Keys from a source; read again when they are old or when a token names an unknown one.

    If the source fails, the last keys stay in use; without any, `find` raises 503. `revision` changes with the keys:
    what was verified with an earlier one must be verified again.
    """

    def __init__(self, source: str | Path) -> None:
        self.revision = 0
        self._source = source
        self._document = b""
        self._keys: list[PyJWK] | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Read the keys again if they are old. Costs nothing for most requests, so all of them ask."""
        age_s = time.monotonic() - self._read_at
        if self._keys is None or age_s > MAX_AGE_S:
            await self._read(self._read_at)
        elif age_s > REFRESH_AFTER_S and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._read(self._read_at))

    async def find(self, kid: str | None, algorithm: str) -> list[PyJWK]:
        """Keys that a token with this header may be signed with; without `kid` any of its algorithm."""
        await self.refresh()
        found = _matching(self._keys or [], kid, algorithm)
        if not found and time.monotonic() - self._read_at > MIN_AGE_S:
            await self._read(self._read_at)
            found = _matching(self._keys or [], kid, algorithm)
        if self._keys is None:
            raise problems.unavailable("the issuers' keys cannot be read", "keys-unavailable")
        return found

    async def _read(self, seen_at: float) -> None:
        async with self._reading:
            if self._read_at != seen_at:
                return  # another request has read them while this one waited for the lock
            try:
                async with asyncio.timeout(FETCH_DEADLINE_S):
                    self._take(await asyncio.to_thread(_load, self._source))
            except (OSError, TimeoutError, ValueError, jwt.PyJWTError) as e:
                _log.error("the issuers' keys cannot be read", source=str(self._source), error=repr(e))
            # Also after a failure: otherwise each request with an unknown key would wait for the deadline again.
            self._read_at = time.monotonic()

    def _take(self, document: bytes) -> None:
        if self._keys is None or document != self._document:
            self._keys = parse(document)
            self._document = document
            self.revision += 1


def key_set(source: str) -> KeySet:
    """The key set at an HTTP URL or in a file."""
    if source.startswith(("https://", "http://")):
        return KeySet(source)
    if not source or "://" in source:
        msg = f"neither an HTTP URL nor a file of an issuer's keys: {source!r}"
        raise ValueError(msg)
    return KeySet(Path(source))


def parse(document: bytes) -> list[PyJWK]:
    """The usable keys of a JWKS document; other kinds of keys (encryption, symmetric) are left out."""
    decoded: Any = msgspec.json.decode(document)
    if not isinstance(decoded, dict) or not isinstance(decoded.get("keys"), list):
        raise ValueError("not a JSON Web Key Set")  # noqa: TRY004 - the document is wrong, not the call
    usable = [k for k in decoded["keys"] if k.get("kty") in _ALGORITHM_OF and k.get("use", "sig") == "sig"]
    return [PyJWK(k, algorithm=k.get("alg") or _ALGORITHM_OF[k["kty"]]) for k in usable]


def _matching(keys: list[PyJWK], kid: str | None, algorithm: str) -> list[PyJWK]:
    """A key signs with its own algorithm only: a token cannot choose another for it."""
    return [k for k in keys if k.algorithm_name == algorithm and (kid is None or k.key_id in (None, kid))]


def _load(source: str | Path) -> bytes:
    if isinstance(source, Path):
        return source.read_bytes()
    request = Request(source, headers={"Accept": "application/json"})  # noqa: S310 - http(s) only, see keys_from
    with urlopen(request, timeout=FETCH_DEADLINE_S) as response:  # noqa: S310
        return bytes(response.read(MAX_SET_BYTES))
