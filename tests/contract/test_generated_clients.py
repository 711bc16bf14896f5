"""A client that a public tool makes of each API document has every operation, with all its answers."""

from __future__ import annotations

import compileall
from pathlib import Path

import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from deploy.documents import rendered
from tests.contract import not_yet
from tests.contract.findings.document import Document
from tests.contract.published import SERVICES, openapi_of


@pytest.mark.parametrize("service", [s for s in SERVICES if s not in not_yet.GENERATED])
def test_a_client_is_generated_without_loss(service: str, tmp_path: Path) -> None:
    document = openapi_of(service)
    client = tmp_path / "client"
    assert warnings_of(document, client) == []
    assert lost_answers(document, client) == []
    assert compileall.compile_dir(client, quiet=1)


def warnings_of(document: Document, client: Path) -> list[str]:
    """Generate the client; what the generator warns of."""
    source = client.with_suffix(".json")
    source.write_text(rendered(dict(document.content)))
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        document_source=source,
        file_encoding="utf-8",
        overwrite=False,
        output_path=client,
    )
    return [f"{found.header} {found.detail}" for found in generate(config=config)]


def lost_answers(document: Document, client: Path) -> list[str]:
    """Operations without a function of their name, and statuses that it does not read."""
    modules = {path.stem: path.read_text() for path in client.glob("api/*/*.py")}
    found = []
    for operation in document.operations():
        module = modules.get(operation.content["operationId"])
        if module is None:
            found.append(f"{operation}: no function")
            continue
        found += [
            f"{operation}: {status} is not read"
            for status in operation.responses
            if f"status_code == {status}:" not in module
        ]
    return found
