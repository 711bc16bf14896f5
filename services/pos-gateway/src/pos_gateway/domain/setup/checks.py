"""What may be set up: settings that cannot work are refused when they are set (B34)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from contracts.planning.masters import Location
from contracts.refusals import Violations, invalid
from contracts.sales.masters import ChargeCode
from domainkit.days import is_time_zone
from domainkit.money import is_currency
from domainkit.references import ReferenceData
from pos_gateway.domain.setup.records import CommerceParameters, FunctionalityProfile, Store, Worker


def check_store(
    store: Store, profiles: Mapping[str, FunctionalityProfile], references: ReferenceData
) -> None:
    """Refuse a store with an unknown time zone, currency, profile or location (POS-20)."""
    found = Violations()
    if not is_time_zone(store.time_zone):
        found.invalid("unknown-time-zone", f"{store.time_zone} is no IANA time zone", "/time_zone")
    if not is_currency(store.currency_code):
        detail = f"{store.currency_code} is no ISO 4217 currency"
        found.invalid("unknown-currency", detail, "/currency_code")
    if store.profile_id and store.profile_id not in profiles:
        found.unknown("functionality-profile", store.profile_id, "/profile_id")
    for pointer, code in locations_of(store).items():
        if references.find(Location, code) is None:
            found.unknown("location", code, pointer, copy_of="location")
    found.refuse_if_any()


def locations_of(store: Store) -> Mapping[str, str]:
    """The locations that a store names, by JSON pointer; blank ones are left out."""
    named = {"/location_code": store.location_code}
    named |= {f"/fulfilment_group/{i}": code for i, code in enumerate(store.fulfilment_group)}
    return {pointer: code for pointer, code in named.items() if code}


def check_profile(profile: FunctionalityProfile) -> None:
    """Refuse a back-up mode without asynchronous creation (POS-16)."""
    if profile.realtime_with_async_backup and not profile.create_customer_order_in_async_mode:
        detail = "the back-up mode needs create_customer_order_in_async_mode"
        raise invalid("backup-needs-async-mode", detail, pointer="/realtime_with_async_backup")


def check_worker(worker: Worker, stores: Collection[str]) -> None:
    """Refuse a worker of a store that is not set up: no one could sign on there."""
    found = Violations()
    for i, no in enumerate(worker.store_nos):
        if no not in stores:
            found.unknown("store", no, f"/store_nos/{i}")
    found.refuse_if_any()


def charge_codes_of(parameters: CommerceParameters) -> Mapping[str, str]:
    """The charge codes that parameters name, by field; blank ones are left out."""
    named = {
        "cancellation_charge_code": parameters.cancellation_charge_code,
        "shipping_charge_code": parameters.shipping_charge_code,
    }
    return {field: code for field, code in named.items() if code}


def check_parameters(
    parameters: CommerceParameters, references: ReferenceData, shipped_by: Collection[str]
) -> None:
    """Refuse missing, equal or unknown charge codes (POS-03 to POS-05), and pick-up modes of lines to ship (POS-10).

    Refused as well is a way of paying with two rules for its refunds (POS-84).

    `shipped_by`: modes of delivery of lines that are still to be shipped.
    """
    found = Violations()
    if parameters.cancellation_charge_pct > 0 and not parameters.cancellation_charge_code:
        detail = "a cancellation charge percentage needs a cancellation charge code"
        found.invalid("charge-code-not-configured", detail, "/cancellation_charge_code")
    code = parameters.shipping_charge_code
    if code and code == parameters.cancellation_charge_code:
        detail = "the cancellation and the shipping charge need different codes"
        found.invalid("charge-codes-equal", detail, "/cancellation_charge_code")
    for field, named in charge_codes_of(parameters).items():
        if references.find(ChargeCode, named) is None:
            found.unknown("charge-code", named, f"/{field}", copy_of="charge-code")
    _check_refund_tenders(found, parameters)
    for i, mode in enumerate(parameters.pickup_delivery_modes):
        if mode in shipped_by:
            detail = f"open orders ship by {mode}; it can become a pick-up mode when they are done"
            found.invalid("delivery-mode-in-use", detail, f"/pickup_delivery_modes/{i}", delivery_mode=mode)
    found.refuse_if_any()


def _check_refund_tenders(found: Violations, parameters: CommerceParameters) -> None:
    seen: set[str] = set()
    for i, tender in enumerate(parameters.refund_tenders):
        if tender.paid_by in seen:
            detail = f"refunds of what was paid by {tender.paid_by} have a rule already"
            found.invalid("refund-tender-repeated", detail, f"/refund_tenders/{i}/paid_by")
        seen.add(tender.paid_by)
