from __future__ import annotations

import tomllib

from deploy.local.settings import ROOT
from servicekit.version import VERSION


def test_every_distribution_has_the_version_that_metrics_tell() -> None:
    files = [ROOT / "shared/pyproject.toml", *ROOT.glob("services/*/pyproject.toml")]
    versions = {tomllib.loads(file.read_text())["project"]["version"] for file in files}
    assert versions == {VERSION}
