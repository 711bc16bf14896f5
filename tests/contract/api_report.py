"""What is wrong in the API documents: `python -m tests.contract.api_report` counts, `… sales planning` lists."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from tests.contract.findings import ASYNCAPI_CLAIMS, OPENAPI_CLAIMS
from tests.contract.published import SERVICES, asyncapi, openapi_of

EVENTS: Final = "asyncapi"

Findings = Mapping[str, Mapping[str, list[str]]]
"""By service, by claim."""


def main(names: list[str]) -> None:
    findings = all_findings()
    if names:
        _list({name: findings[name] for name in names})
    else:
        _count(findings)


def all_findings() -> Findings:
    found = {}
    for service in SERVICES:
        document = openapi_of(service)
        found[service] = {claim: check(document) for claim, check in OPENAPI_CLAIMS.items()}
    found[EVENTS] = {claim: check(asyncapi()) for claim, check in ASYNCAPI_CLAIMS.items()}
    return found


def _count(findings: Findings) -> None:
    claims = dict.fromkeys([*OPENAPI_CLAIMS, *ASYNCAPI_CLAIMS])
    _print("", list(findings))
    for claim in claims:
        _print(claim, [str(len(by[claim])) if claim in by else "-" for by in findings.values()])
    _print("", [str(sum(map(len, by.values()))) for by in findings.values()])


def _print(claim: str, columns: list[str]) -> None:
    sys.stdout.write(f"{claim:72}" + "".join(f"{column:>13}" for column in columns) + "\n")


def _list(findings: Findings) -> None:
    for name, by_claim in findings.items():
        for claim, found in by_claim.items():
            sys.stdout.writelines(f"{name}: {claim}: {each}\n" for each in found)


if __name__ == "__main__":
    main(sys.argv[1:])
