"""What is left open is found, what was closed is not."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import httpx
from aiokafka import AIOKafkaConsumer

from tests.support.open_resources import open_resources


def is_found(each: object) -> bool:
    """Whether this very object is among what is open; others of its kind come and go meanwhile."""
    return any(repr(each)[:200] in found for found in open_resources())


async def test_a_client_is_found_until_it_is_closed() -> None:
    client = httpx.AsyncClient()
    assert is_found(client)
    await client.aclose()
    assert not is_found(client)


async def test_a_consumer_is_found_until_it_is_stopped() -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
    assert is_found(consumer)
    await consumer.stop()
    assert not is_found(consumer)


async def test_a_task_is_found_until_it_ends() -> None:
    task = asyncio.create_task(asyncio.Event().wait(), name="left open")
    assert is_found(task)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not is_found(task)


def test_a_child_process_is_found_until_it_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert is_found(child)
        child.communicate(b"\n")
    assert not is_found(child)
