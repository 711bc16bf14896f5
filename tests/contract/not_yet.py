"""What the API documents do not hold yet, service by service. Empty sets switch the tests on for all."""

from __future__ import annotations

from typing import Final

DOCUMENTED: Final = frozenset[str]()
"""Documents with findings: `python -m tests.contract.api_report` counts them."""

GENERATED: Final = frozenset[str]()
"""Services whose document loses something in a generated client, or says it under names that a tool makes up."""

ANSWERED: Final = frozenset[str]()
"""Services that answer otherwise than their document says."""

STATUSES_ARE_MET: Final = True
"""Whether documented statuses that no test meets, and met ones that no document names, fail a run of all integration
tests; else they are only reported."""
