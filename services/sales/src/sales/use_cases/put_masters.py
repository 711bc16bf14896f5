"""Upsert and delete sales' master data; what others keep copies of is published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter

from contracts.keys import exchange_rate_no, ship_to_address_no
from contracts.planning.masters import Location
from contracts.refusals import Refusal
from contracts.sales.masters import ChargeCode, Company, Customer, ExchangeRate, PurchasingCode, ShipToAddress
from domainkit.references import COMPANY_NO, ReferenceData, ReferenceQuery
from eventkit.transaction import Transaction
from recordkit.commands import Command, Done
from recordkit.records import delete_records, put_records
from recordkit.references import load
from sales.domain.masters import (
    SETUP_NO,
    SalesSetup,
    check_company,
    check_customer_record,
    check_customer_unused,
    check_exchange_rate,
    check_purchasing_code,
    check_ship_to_address,
)
from sales.store import orders
from sales.store.kinds import KINDS_OF_SALES


async def put_companies(tx: Transaction, commands: Sequence[Command[Company]]) -> list[Done | Refusal]:
    """Set the company's name, currency and time zone; the currency stays once there are documents."""
    has_documents = await orders.exist(tx)

    def check(new: Company, before: Company | None) -> None:
        check_company(new, before, has_documents=has_documents)

    return await put_records(tx, commands, KINDS_OF_SALES, no_of=lambda _: COMPANY_NO, check=check)


async def put_sales_setups(tx: Transaction, commands: Sequence[Command[SalesSetup]]) -> list[Done | Refusal]:
    """PUT of sales' settings; there is one record."""
    return await put_records(tx, commands, KINDS_OF_SALES, no_of=lambda _: SETUP_NO)


async def put_exchange_rates(
    tx: Transaction, commands: Sequence[Command[ExchangeRate]]
) -> list[Done | Refusal]:
    """PUT of exchange rates, each valid from a day on."""
    home_currency = (await _look_up(tx, ())).home_currency
    return await put_records(
        tx,
        commands,
        KINDS_OF_SALES,
        no_of=lambda rate: exchange_rate_no(rate.currency_code, rate.date),
        check=lambda new, _: check_exchange_rate(new, home_currency),
    )


async def put_customers(tx: Transaction, commands: Sequence[Command[Customer]]) -> list[Done | Refusal]:
    """Store customers whose locations exist."""
    references = await _look_up(tx, (c.data.location_code for c in commands))
    return await put_records(
        tx,
        commands,
        KINDS_OF_SALES,
        no_of=attrgetter("no"),
        check=lambda new, _: check_customer_record(new, references),
    )


async def delete_customers(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Take customers out of use who have no open documents; documents that are done keep their copy (BC-MD-17)."""
    in_use = await orders.customers_in_use(tx, (command.data for command in commands))
    return await delete_records(
        tx, commands, KINDS_OF_SALES, Customer, check=lambda customer: check_customer_unused(customer, in_use)
    )


async def delete_ship_to_addresses(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Take alternate addresses out of use; orders that have one keep their copy (BC-MD-19)."""
    return await delete_records(tx, commands, KINDS_OF_SALES, ShipToAddress)


async def put_ship_to_addresses(
    tx: Transaction, commands: Sequence[Command[ShipToAddress]]
) -> list[Done | Refusal]:
    """Store alternate addresses of customers."""
    references = await _look_up(
        tx, (c.data.location_code for c in commands), (c.data.customer_no for c in commands)
    )
    return await put_records(
        tx,
        commands,
        KINDS_OF_SALES,
        no_of=lambda address: ship_to_address_no(address.customer_no, address.code),
        check=lambda new, _: check_ship_to_address(new, references),
    )


async def put_purchasing_codes(
    tx: Transaction, commands: Sequence[Command[PurchasingCode]]
) -> list[Done | Refusal]:
    """Store purchasing codes; lines that have one keep their flags (BC-MD-05)."""
    return await put_records(
        tx,
        commands,
        KINDS_OF_SALES,
        no_of=attrgetter("code"),
        check=lambda new, _: check_purchasing_code(new),
    )


async def delete_purchasing_codes(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Take purchasing codes out of use; lines that have one keep it."""
    return await delete_records(tx, commands, KINDS_OF_SALES, PurchasingCode)


async def put_charge_codes(tx: Transaction, commands: Sequence[Command[ChargeCode]]) -> list[Done | Refusal]:
    """Store charge codes; lines copy from them."""
    return await put_records(tx, commands, KINDS_OF_SALES, no_of=attrgetter("code"))


async def delete_charge_codes(tx: Transaction, commands: Sequence[Command[str]]) -> list[Done | Refusal]:
    """Take charge codes out of use; lines that have one keep it."""
    return await delete_records(tx, commands, KINDS_OF_SALES, ChargeCode)


async def _look_up(
    tx: Transaction, location_codes: Iterable[str], customer_nos: Iterable[str] = ()
) -> ReferenceData:
    query = ReferenceQuery()
    query.need(Location, *location_codes)
    query.need(Customer, *customer_nos)
    return await load(tx, query, KINDS_OF_SALES, tx.now)
