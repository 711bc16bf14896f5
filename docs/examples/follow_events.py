"""Follow what Koppel publishes: pip install "aiokafka[lz4]"; python follow_events.py localhost:9092 sales.order.v1."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer


async def follow(bootstrap_servers: str, topic: str) -> None:
    """Print each change once, from the beginning of what the topic keeps."""
    # Keep the versions with your own data and commit both together: then no repetition is ever applied.
    versions: dict[tuple[str, str], int] = {}
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async for message in consumer:
            headers = {name: value.decode() for name, value in message.headers}
            aggregate = headers["ce_type"], headers["ce_subject"]
            version = int(headers["ce_version"])
            if version <= versions.get(aggregate, 0):
                continue  # delivered again, or overtaken by a newer one
            versions[aggregate] = version
            state = json.loads(message.value)  # the whole aggregate after the change
            print(*aggregate, version, ", ".join(state.get("happened", [])), headers["ce_by"], flush=True)
    finally:
        await consumer.stop()


if __name__ == "__main__":
    asyncio.run(follow(*sys.argv[1:3]))
