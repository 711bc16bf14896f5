"""Items, stockkeeping units and the setup: what they hold, what is refused, what others see."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from contracts.planning.masters import ItemUnit
from contracts.refusals import Reason, Refusal, Violations
from domainkit.references import ReferenceData
from planning.domain.masters.items import (
    ItemCard,
    PutItem,
    check_item_card,
    item_card,
    must_not_reserve,
    published_item,
)
from planning.domain.masters.parameters import check_order_quantities
from planning.domain.masters.setup import Setup, published_setup, setup_of
from planning.domain.masters.stockkeeping_units import (
    PlannedUnit,
    StockkeepingUnitCard,
    check_unit_card,
    published_unit,
)
from tests.unit.planning.samples import ROPE, references

BOX = ItemUnit(code="BOX", qty_per=Decimal(6))


def refusal(item: ItemCard, before: ItemCard | None = None, *, moved: bool = False) -> Refusal:
    with pytest.raises(Refusal) as refused:
        check_item_card(item, before, references(), has_ledger_entries=moved)
    return refused.value


def test_item_gets_its_base_unit_among_its_units() -> None:
    """BC-MD-06."""
    card = item_card("X", PutItem(base_unit_of_measure="M", units_of_measure=(BOX,)))
    assert [(u.code, u.qty_per) for u in card.units_of_measure] == [("M", 1), ("BOX", 6)]


@pytest.mark.parametrize(("type_", "reserve"), [("inventory", "optional"), ("service", "never")])
def test_reserve_that_is_left_out_follows_the_type(type_: str, reserve: str) -> None:
    """BC-MD-09."""
    assert item_card("X", PutItem(type=type_)).reserve == reserve


def test_item_that_contradicts_nothing_is_taken() -> None:
    """BC-MD-06, BC-PL-25."""
    quantities = {"minimum_order_quantity": 6, "maximum_order_quantity": 60, "order_multiple": 6}
    good = replace(ROPE, **{name: Decimal(value) for name, value in quantities.items()})
    check_item_card(good, None, references(), has_ledger_entries=False)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (replace(ROPE, type="service"), "reserve-must-be-never"),
        (replace(ROPE, vendor_no="V404"), "unknown-vendor"),
        (replace(ROPE, purchasing_code="NONE"), "unknown-purchasing-code"),
        (replace(ROPE, sales_unit_of_measure="BOX"), "unknown-unit-of-measure"),
        (replace(ROPE, units_of_measure=(BOX, BOX)), "duplicate-unit-of-measure"),
        (
            replace(ROPE, units_of_measure=(ItemUnit(code="PCS", qty_per=Decimal(2)),)),
            "base-unit-is-one",
        ),
    ],
)
def test_item_that_contradicts_itself_is_refused(item: ItemCard, code: str) -> None:
    """BC-MD-06, BC-MD-09."""
    assert refusal(item).code == code


def test_unknown_vendor_of_an_item_may_still_come() -> None:
    assert refusal(replace(ROPE, vendor_no="V404")).waits_for == (("vendor", "V404"),)


def test_base_unit_of_a_moved_item_cannot_change() -> None:
    found = refusal(replace(ROPE, base_unit_of_measure="M"), ROPE, moved=True)
    assert (found.code, found.reason) == ("has-postings", Reason.CONFLICT)


def test_always_reserved_special_order_item_gets_in_the_way() -> None:
    """BC-MD-10."""
    assert must_not_reserve(replace(ROPE, reserve="always", purchasing_code="SPEC"), references())
    assert not must_not_reserve(replace(ROPE, reserve="always", purchasing_code="DROP"), references())


def test_item_knows_its_units() -> None:
    item = replace(ROPE, units_of_measure=(BOX,))
    assert [item.qty_per(unit) for unit in ("", "PCS", "BOX", "PALLET")] == [1, 1, 6, None]


def test_others_see_an_item_without_its_planning_parameters() -> None:
    published = published_item(replace(ROPE, version=3, happened=("changed",), safety_stock=Decimal(5)))
    assert (published.no, published.version, published.happened) == ("1100", 3, ("changed",))
    assert not hasattr(published, "safety_stock")


@pytest.mark.parametrize(
    ("least", "most", "multiple", "codes"),
    [
        (5, 4, 0, ["minimum-above-maximum"]),
        (0, 4, 5, ["multiple-above-maximum"]),
        (4, 0, 5, ["multiple-above-minimum"]),
        (6, 60, 6, []),
    ],
)
def test_order_quantities_that_contradict_each_other_are_refused(
    least: int, most: int, multiple: int, codes: list[str]
) -> None:
    """BC-PL-25."""
    unit = PlannedUnit(
        minimum_order_quantity=Decimal(least),
        maximum_order_quantity=Decimal(most),
        order_multiple=Decimal(multiple),
    )
    found = Violations()
    check_order_quantities(found, unit)
    refused = found.refusal()
    assert [v.code for v in (refused.violations if refused else ())] == codes


UNIT = StockkeepingUnitCard(location_code="NORTH", item_no="1100", vendor_no="V20", version=2)


def test_stockkeeping_unit_of_known_records_is_taken() -> None:
    check_unit_card(UNIT, references())


def test_stockkeeping_unit_that_names_nothing_is_refused_with_every_reason() -> None:
    """BC-MD-12."""
    with pytest.raises(Refusal) as refused:
        check_unit_card(UNIT, ReferenceData())
    codes = {v.code for v in refused.value.violations}
    assert codes == {"unknown-item", "unknown-location", "unknown-vendor"}


def test_others_see_vendor_and_lead_time_of_a_stockkeeping_unit() -> None:
    published = published_unit(replace(UNIT, lead_time_days=3, order_multiple=Decimal(6)))
    assert (published.vendor_no, published.lead_time_days, published.version) == ("V20", 3, 2)


def test_setup_has_defaults_until_there_is_one() -> None:
    assert setup_of(ReferenceData()).automation == "purchase_order"
    assert setup_of(references(setup=Setup(automation="manual"))).automation == "manual"


def test_others_see_the_automation_and_not_its_limit() -> None:
    published = published_setup(Setup(version=2, automation="manual", automation_limit_amount=Decimal(5)))
    assert (published.automation, published.version) == ("manual", 2)
    assert published.automation_limit_amount == 5
