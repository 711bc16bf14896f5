"""Which records a service can look up: its own master data, and its copies of others' aggregates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from contracts.topics import KINDS

_DECODED_MAX: Final = 8192
"""Records that are remembered by their text: the same items and customers come again and again."""
_DECODED_MAX_CHARS: Final = 4096
"""Longer ones are documents, which are another text each time."""


class RecordKind(msgspec.Struct, frozen=True):
    """A kind of record: what it is called, as which model it is read, and whether this service owns it."""

    name: str
    model: type[Any]
    own: bool


class RecordKinds:
    """The kinds of one service, by model and by name.

    `own` maps the names of its master data to their models. `copies` names the copies that it looks up, with the
    contract's model; a smaller model of one's own, which reads only the needed fields, is given as a mapping.
    """

    def __init__(
        self,
        own: Mapping[str, type[Any]],
        copies: Iterable[str] = (),
        *,
        copies_as: Mapping[str, type[Any]] | None = None,
    ) -> None:
        models = {name: KINDS[name].model for name in copies} | dict(copies_as or {})
        kinds = [RecordKind(name, model, own=True) for name, model in own.items()]
        kinds += [RecordKind(name, model, own=False) for name, model in models.items()]
        self.by_model: Mapping[type[Any], RecordKind] = {kind.model: kind for kind in kinds}
        self.by_name: Mapping[str, RecordKind] = {kind.name: kind for kind in kinds}
        self._decoders = {kind.name: msgspec.json.Decoder(kind.model) for kind in kinds}
        self._decoded = lru_cache(_DECODED_MAX)(self._decode)

    def decode(self, name: str, body: str | bytes) -> Any:
        """A stored record of this kind, a frozen struct: the same one for the same text."""
        return self._decoded(name, body) if len(body) <= _DECODED_MAX_CHARS else self._decode(name, body)

    def _decode(self, name: str, body: str | bytes) -> Any:
        return self._decoders[name].decode(body)
