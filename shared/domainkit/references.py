"""Reference data: the master data and copies that a batch of decisions looks up, by model and number.

A use case collects numbers in a `ReferenceQuery`, the record kit loads them in one statement, and rules read them
from `ReferenceData`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

from contracts.sales.masters import Company
from domainkit.days import day_in

T = TypeVar("T")

COMPANY_NO: Final = "COMPANY"


class CopyMissing(Exception):  # noqa: N818 - not an error: the decision has to wait
    """A decision needs the copy of this aggregate, which has not arrived yet; the event is retried later."""

    def __init__(self, kind: str, no: str) -> None:
        super().__init__(f"no copy of {kind} {no} yet")
        self.kind = kind
        self.no = no


class ReferenceQuery:
    """Which records a batch of decisions needs. The company comes along, unless a service keeps no copy of it."""

    __slots__ = ("_wanted", "currencies", "since")

    def __init__(self, *, company: bool = True) -> None:
        self._wanted: dict[type[Any], set[str]] = {Company: {COMPANY_NO}} if company else {}
        self.currencies: set[str] = set()
        """Currencies whose exchange rates are needed; those of found customers and vendors come along."""
        self.since: date | None = None
        """The earliest day for which a rate is needed; None: no past day in particular."""

    def need(self, model: type[Any], *nos: str | None) -> None:
        """Records of a model by number; blank numbers are left out."""
        self._wanted.setdefault(model, set()).update(no for no in nos if no)

    def need_rates(self, currency_code: str | None, day: date | None) -> None:
        """The exchange rates of a document in this currency and of this day; None: not known yet."""
        if currency_code:
            self.currencies.add(currency_code)
        if day is not None:
            self.since = day if self.since is None else min(self.since, day)

    def __iter__(self) -> Iterator[tuple[type[Any], str]]:
        """(model, number) of everything, in a stable order."""
        for model, nos in self._wanted.items():
            for no in sorted(nos):
                yield model, no


class ReferenceData:
    """The records that were found for a batch, without missing and deleted ones."""

    __slots__ = ("_deleted", "_found", "_today", "now")

    def __init__(
        self,
        found: Mapping[type[Any], Mapping[str, Any]] | None = None,
        now: datetime | None = None,
        *,
        deleted: Collection[tuple[type[Any], str]] = (),
    ) -> None:
        self._found = found or {}
        self._deleted = deleted
        self.now = now or datetime.now(UTC)
        """The time of the transaction (aware, UTC)."""
        self._today: date | None = None

    def find(self, model: type[T], no: str) -> T | None:
        """The record of a model with this number; None if there is none."""
        records = self._found.get(model)
        return None if records is None else records.get(no)

    def has_come(self, model: type[Any], no: str) -> bool:
        """Whether the record has arrived, or is known to be deleted: then waiting for its copy is of no use."""
        return no in self.all_of(model) or (model, no) in self._deleted

    def all_of(self, model: type[T]) -> Mapping[str, T]:
        """All found records of a model by number."""
        return self._found.get(model, {})

    def with_records(self, model: type[T], records: Mapping[str, T]) -> ReferenceData:
        """The same with further records of a model, such as those that the batch itself makes."""
        found = {**self._found, model: {**self.all_of(model), **records}}
        return ReferenceData(found, self.now, deleted=self._deleted)

    @property
    def company(self) -> Company | None:
        """The company; None until it is set up and its copy has arrived."""
        return self.find(Company, COMPANY_NO)

    @property
    def today(self) -> date:
        """The company's calendar day; UTC's while there is no company."""
        if self._today is None:
            company = self.company
            self._today = day_in(company.time_zone if company else "", self.now)
        return self._today

    @property
    def home_currency(self) -> str:
        """The company's currency code; "" while there is no company."""
        company = self.company
        return company.currency_code if company else ""
