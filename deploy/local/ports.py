"""Ports: free or taken, and by whom it is answered."""

from __future__ import annotations

import asyncio
import socket

from deploy.errors import StackError


def require_free(host: str, port: int, purpose: str, variable: str) -> None:
    """Raise when another program listens on the port, naming the setting that changes it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StackError(
                f"port {port} for {purpose} is taken ({error.strerror})",
                f"end the other program (`ss -ltnp | grep :{port}`) or set {variable} to a free port",
            ) from error


async def answers(host: str, port: int, timeout_s: float = 1.0) -> bool:
    """Whether something accepts connections on the port."""
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def http_status(host: str, port: int, path: str, timeout_s: float = 2.0) -> int | None:
    """The status of one GET; None without an answer. Enough for a health check."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(request.encode())
                line = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    parts = line.split()
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None
