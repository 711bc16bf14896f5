"""Keeps tests that claim to need no server honest: opening a connection is an error."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest


class SocketUsedError(RuntimeError):
    """A test without servers tried to connect."""


def forbid_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **_named: Any) -> NoReturn:
        message = f"unit and contract tests connect to nothing, this one to {arguments[1:]}"
        raise SocketUsedError(message)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
