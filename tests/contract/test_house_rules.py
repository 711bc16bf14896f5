from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "house_rules.py"


@pytest.fixture(scope="module")
def rules() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house_rules", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(root: Path, place: str, code: str) -> None:
    file = root / place
    file.parent.mkdir(parents=True)
    file.write_text(code)


def test_a_status_in_the_domain_is_found(rules: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, "services/sales/src/sales/domain/orders/order.py", "def line(*, status=422): ...\n")
    (found,) = rules.findings(tmp_path)
    assert found.startswith("services/sales/src/sales/domain/orders/order.py:1:")


def test_a_transaction_in_a_use_case_is_found(rules: ModuleType, tmp_path: Path) -> None:
    code = "async def pull(database):\n    async with database.begin() as tx: ...\n"
    write(tmp_path, "services/pos-gateway/src/pos_gateway/use_cases/pull.py", code)
    (found,) = rules.findings(tmp_path)
    assert found.startswith("services/pos-gateway/src/pos_gateway/use_cases/pull.py:2:")


def test_what_a_job_does_is_its_own_affair(rules: ModuleType, tmp_path: Path) -> None:
    write(tmp_path, "services/pos-gateway/src/pos_gateway/jobs/pull.py", "async with database.begin(): ...\n")
    assert rules.findings(tmp_path) == []
