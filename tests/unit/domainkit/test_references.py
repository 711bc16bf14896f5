"""What was found for a batch."""

from __future__ import annotations

from contracts.sales.masters import Company, PurchasingCode
from domainkit.references import COMPANY_NO, ReferenceData, ReferenceQuery

CODE = PurchasingCode(version=1, code="SPEC")


def test_a_deleted_record_has_come_and_is_not_found() -> None:
    references = ReferenceData(deleted={(PurchasingCode, "SPEC")})
    assert references.find(PurchasingCode, "SPEC") is None
    assert references.has_come(PurchasingCode, "SPEC")


def test_a_record_that_was_found_has_come() -> None:
    assert ReferenceData({PurchasingCode: {"SPEC": CODE}}).has_come(PurchasingCode, "SPEC")


def test_a_record_that_nobody_published_yet_has_not_come() -> None:
    assert not ReferenceData().has_come(PurchasingCode, "SPEC")


def test_the_company_comes_along_unless_it_is_not_kept() -> None:
    assert list(ReferenceQuery()) == [(Company, COMPANY_NO)]
    assert list(ReferenceQuery(company=False)) == []
