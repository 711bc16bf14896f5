from __future__ import annotations

from tests.support.met_statuses import Met
from tests.support.unmet_statuses import documented, unmet

RELEASE = Met("sales", "POST", "/v1/sales-orders/{no}/release", 401)


def test_what_every_test_met_leaves_nothing() -> None:
    assert unmet(set(documented())) == []


def test_a_status_that_no_test_met_is_named_with_its_operation() -> None:
    assert unmet({*documented()} - {RELEASE}) == ["sales: POST /v1/sales-orders/{no}/release: 401"]


def test_a_path_parameter_is_known_whatever_its_route_converts() -> None:
    copies = {each for each in documented() if "/copies/" in each.path}
    converted = {each._replace(path=each.path.replace("{no}", "{no:path}")) for each in copies}
    assert converted.isdisjoint(copies)
    assert unmet({*documented()} - copies | converted) == []
