from __future__ import annotations

from tests.support.documented_statuses import documented, undocumented, unmet
from tests.support.met_statuses import Met

RELEASE = Met("sales", "POST", "/v1/sales-orders/{no}/release", 401)
TEAPOT = RELEASE._replace(status=418)


def test_tests_that_met_what_is_documented_leave_nothing() -> None:
    assert unmet({*documented()}) == []
    assert undocumented({*documented()}) == []


def test_a_status_that_no_test_met_is_named_with_its_operation() -> None:
    assert unmet({*documented()} - {RELEASE}) == ["sales: POST /v1/sales-orders/{no}/release: 401"]


def test_a_status_that_no_document_names_is_named_with_its_operation() -> None:
    assert undocumented({RELEASE, TEAPOT}) == ["sales: POST /v1/sales-orders/{no}/release: 418"]


def test_other_applications_of_the_tests_have_no_document_to_hold() -> None:
    assert undocumented({RELEASE._replace(service="notes")}) == []


def test_a_path_parameter_is_known_whatever_its_route_converts() -> None:
    copies = {each for each in documented() if "/copies/" in each.path}
    converted = {each._replace(path=each.path.replace("{no}", "{no:path}")) for each in copies}
    assert converted.isdisjoint(copies)
    assert unmet({*documented()} - copies | converted) == []
