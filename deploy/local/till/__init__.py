"""`make till`: a till in the terminal, against the running stack.

It uses the POS gateway's public API alone, as any till would: sign on, sell, pick up, cancel, return, and watch how an
order moves through the stages.
"""

from __future__ import annotations

from deploy.errors import StackError
from deploy.local import ports, tokens
from deploy.local.client import Koppel
from deploy.local.settings import SERVICES, StackSettings
from deploy.local.till.app import TillApp
from deploy.local.till.client import TillClient
from deploy.local.till.shop import PIN, WORKER, open_sample_shop
from deploy.local.till.state import TillState, load_state, save_state, state_file


async def open_till(settings: StackSettings) -> None:
    """Open the till of this stack; the first time, a sample shop is opened for it."""
    if not await ports.answers(settings.host, settings.serve_port("pos_gateway")):
        raise StackError("the POS gateway does not answer", "start the stack in another terminal: make run")
    file = state_file(settings)
    state = load_state(file) or await _first_state(settings)
    save_state(file, state)
    client = TillClient(settings.url("pos_gateway"), state, file)
    try:
        await TillApp(client, worker_id=WORKER, pin_hint=PIN).run_async()
    finally:
        await client.close()


async def _first_state(settings: StackSettings) -> TillState:
    urls = {service: settings.url(service) for service in SERVICES}
    async with Koppel(urls, tokens.issue(settings, subject="till"), keeping=True) as koppel:
        return await open_sample_shop(koppel)
