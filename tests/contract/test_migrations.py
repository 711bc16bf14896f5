"""Each database has one line of migrations: of two that follow the same one, neither can be applied."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import pytest

from deploy.local.settings import ROOT

FOLLOWED: Final = re.compile(r'^down_revision = "(\d+)"$', re.MULTILINE)


@pytest.mark.parametrize("service", ["sales", "purchasing", "planning", "pos-gateway"])
def test_no_two_migrations_follow_the_same_one(service: str) -> None:
    versions = sorted((ROOT / "services" / service / "migrations" / "versions").glob("*.py"))
    followed = Counter(no for each in versions for no in FOLLOWED.findall(each.read_text()))
    assert len(followed) == len(versions) - 1 > 0
    assert {no for no, times in followed.items() if times > 1} == set()
