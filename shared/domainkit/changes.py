"""Requests that change some fields of a record (PATCH): what is left out is UNSET and stays."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from contracts.fields import CountryCodeOrBlank
from contracts.values import (
    Address,
    City,
    ContactName,
    PartyName,
    PhoneNo,
    PostCode,
    Region,
    StreetAddress,
    StreetAddress2,
)


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """The parent of all such requests."""

    def given(self) -> dict[str, Any]:
        """The fields that the caller sent, with their values."""
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: value for name, value in fields if value is not UNSET}


class AddressChanges(Changes, frozen=True, kw_only=True):
    """Parts of an address to change; what is left out stays."""

    name: PartyName | UnsetType = UNSET
    address: StreetAddress | UnsetType = UNSET
    address_2: StreetAddress2 | UnsetType = UNSET
    city: City | UnsetType = UNSET
    post_code: PostCode | UnsetType = UNSET
    region: Region | UnsetType = UNSET
    country_code: CountryCodeOrBlank | UnsetType = UNSET
    contact: ContactName | UnsetType = UNSET
    phone: PhoneNo | UnsetType = UNSET

    def applied_to(self, address: Address) -> Address:
        """The address with these parts changed."""
        return msgspec.structs.replace(address, **self.given())
