"""What compose starts and how the image is made, read from their files: no engine is needed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[3]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
LASTING: Final = sorted(name for name, each in CONTAINERS.items() if each.get("restart") != "no")
OF_KOPPEL: Final = sorted(name for name in CONTAINERS if re.search(r"-(serve|work)$|^migrate-|^keys$", name))
DOCKERFILE: Final = (ROOT / "deploy/docker/Dockerfile").read_text()
PINNED: Final = re.compile(r"(\$\{[A-Z_]+:-)?[a-z0-9/-]+:v?\d+(\.\d+)+[a-z0-9.-]*\}?")


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_a_container_may_do_and_take_no_more_than_it_needs(name: str) -> None:
    container = CONTAINERS[name]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= container.keys()


@pytest.mark.parametrize("name", OF_KOPPEL)
def test_a_container_of_koppel_cannot_change_itself(name: str) -> None:
    assert CONTAINERS[name]["read_only"] is True
    assert "cap_add" not in CONTAINERS[name]


@pytest.mark.parametrize("name", LASTING)
def test_what_keeps_running_is_watched(name: str) -> None:
    assert CONTAINERS[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_an_image_is_named_by_its_exact_tag(name: str) -> None:
    image = CONTAINERS[name]["image"]
    assert image == "koppel:local" or PINNED.fullmatch(image)


def test_the_base_of_the_image_is_named_by_its_exact_tag() -> None:
    (base,) = re.findall(r"^ARG PYTHON_IMAGE=(.+)$", DOCKERFILE, re.MULTILINE)
    assert PINNED.fullmatch(base)
    assert base in COMPOSE["x-service"]["build"]["args"]["PYTHON_IMAGE"]


def test_only_the_services_are_published_beyond_this_machine() -> None:
    published = {name: each["ports"] for name, each in CONTAINERS.items() if "ports" in each}
    bound = {name for name, ports in published.items() if all("KOPPEL_BIND" in port for port in ports)}
    assert bound == {name for name in CONTAINERS if name.endswith("-serve")}
    assert all(port.startswith("127.0.0.1:") for name in published.keys() - bound for port in published[name])


@pytest.mark.parametrize("name", [name for name in OF_KOPPEL if name.endswith("-serve")])
def test_metrics_and_documents_are_not_open_on_the_published_ports(name: str) -> None:
    environment = CONTAINERS[name]["environment"]
    assert environment["KOPPEL_METRICS_OPEN"] == "false"
    assert environment["KOPPEL_DOCS_OPEN"] == "${KOPPEL_DOCS_OPEN:-false}"
    assert environment["KOPPEL_INTERNAL_HTTP_PORT"] not in "".join(CONTAINERS[name]["ports"])


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_dependencies_are_installed_by_version_and_hash(file: str) -> None:
    text = re.sub(r"^(#|-r).*\n", "", (ROOT / file).read_text(), flags=re.MULTILINE)
    pins = re.split(r"\n(?=\S)", text.strip())
    assert len(pins) > 40
    assert [pin for pin in pins if not re.match(r"\S+==\S+ .*\\\n +--hash=sha256:", pin)] == []
    assert "://" not in text


def test_the_image_installs_by_hash_and_keeps_no_installer() -> None:
    assert "pip install" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    assert "pip uninstall --yes" in DOCKERFILE.rsplit("FROM", 1)[1]


def test_the_image_runs_without_the_local_stack(tmp_path: Path) -> None:
    """With the files alone that the build sees, the job of the keys and the services' commands work."""
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert not any("local" in each for each in kept)
    for each in kept:
        target = tmp_path / each
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / each).is_dir():
            shutil.copytree(ROOT / each, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / each, target)
    (paths,) = re.findall(r"PYTHONPATH=(\S+)", DOCKERFILE)
    environment = {
        **os.environ,
        "PYTHONPATH": paths.replace("/app", str(tmp_path)),
        "KOPPEL_DATA_DIR": str(tmp_path / "data"),
    }
    # -P: not the directory where the tests run.
    for command in (["deploy.docker.keys"], ["sales", "--help"], ["pos_gateway", "--help"]):
        done = subprocess.run(
            [sys.executable, "-P", "-m", *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "data/keys/public/pos-gateway.json").exists()
