"""Rules of purchasing's own master data."""

from __future__ import annotations

from contracts.purchasing import ItemVendor, PriceBreak
from contracts.refusals import Refusal, Violation


def check_price_breaks(entry: ItemVendor) -> None:
    """Each break once per quantity and first day, and none that ends before it begins."""
    violations: list[Violation] = []
    seen: set[tuple[object, object]] = set()
    for i, price in enumerate(entry.price_breaks):
        violations += _violations(price, f"/price_breaks/{i}")
        key = (price.minimum_quantity.normalize(), price.from_date)
        if key in seen:
            detail = f"two price breaks from {price.minimum_quantity} on begin the same day"
            violations.append(Violation("duplicate-price-break", detail, f"/price_breaks/{i}"))
        seen.add(key)
    if violations:
        raise Refusal(*violations)


def _violations(price: PriceBreak, pointer: str) -> list[Violation]:
    if price.from_date is not None and price.to_date is not None and price.to_date < price.from_date:
        return [Violation("invalid-period", "a price break ends before it begins", f"{pointer}/to_date")]
    return []
