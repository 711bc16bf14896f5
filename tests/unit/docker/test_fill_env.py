"""`scripts/fill-env` makes what `docker compose` refuses to start without."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from deploy.local.settings import ROOT

SCRIPT = ROOT / "scripts" / "fill-env"
NAMES = re.findall(r"^([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
SECRETS = [name for name in NAMES if name.endswith(("_PASSWORD", "_CLUSTER_ID"))]


def filled(target: Path) -> dict[str, str]:
    subprocess.run([SCRIPT, target], check=True, capture_output=True)
    return dict(re.findall(r"^([A-Z][A-Z0-9_]*)=(.*)$", target.read_text(), re.MULTILINE))


def test_every_secret_is_made_up_and_different(tmp_path: Path) -> None:
    values = filled(tmp_path / "env")
    assert values.keys() == set(NAMES)
    made = [values[name] for name in SECRETS]
    assert len(set(made)) == len(made) > 0
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22,}", value) for value in made), "they stand in URLs"
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", values["KAFKA_CLUSTER_ID"])


def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    filled(tmp_path / "env")
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600


def test_what_stands_there_stays_and_what_is_new_is_added(tmp_path: Path) -> None:
    target = tmp_path / "env"
    target.write_text("SALES_DB_PASSWORD=mine\nPLANNING_DB_PASSWORD=\nOTHER=1\n")
    first = filled(target)
    assert first["SALES_DB_PASSWORD"] == "mine"
    assert first["PLANNING_DB_PASSWORD"]
    assert first["OTHER"] == "1"
    assert first.keys() >= set(NAMES)
    assert filled(target) == first
