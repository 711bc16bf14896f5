"""What is left open is found, what was closed is not."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import httpx
from aiokafka import AIOKafkaConsumer

from tests.support.open_resources import open_resources


def count(kind: str) -> int:
    return sum(found.startswith(f"{kind}:") for found in open_resources())


async def test_a_client_is_found_until_it_is_closed() -> None:
    before = count("AsyncClient")
    client = httpx.AsyncClient()
    assert count("AsyncClient") == before + 1
    await client.aclose()
    assert count("AsyncClient") == before


async def test_a_consumer_is_found_until_it_is_stopped() -> None:
    before = count("AIOKafkaConsumer")
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
    assert count("AIOKafkaConsumer") == before + 1
    await consumer.stop()
    assert count("AIOKafkaConsumer") == before


async def test_a_task_is_found_until_it_ends() -> None:
    before = count("Task")
    task = asyncio.create_task(asyncio.Event().wait())
    assert count("Task") == before + 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert count("Task") == before


def test_a_child_process_is_found_until_it_ends() -> None:
    before = count("Popen")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert count("Popen") == before + 1
        child.communicate(b"\n")
    assert count("Popen") == before
