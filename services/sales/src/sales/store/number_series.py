"""The number series of sales."""

from __future__ import annotations

from typing import Final

SALES_ORDER: Final = "sales-order"
SALES_QUOTE: Final = "sales-quote"
SALES_INVOICE: Final = "sales-invoice"
SALES_RETURN: Final = "sales-return-order"
CREDIT_MEMO: Final = "posted-sales-credit-memo"
CUSTOMER: Final = "customer"
CONSIGNMENT: Final = "consignment"
SHIPMENT: Final = "posted-sales-shipment"
INVOICE: Final = "posted-sales-invoice"
