"""Bearer tokens: JSON Web Tokens checked against a key set, and what they allow."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import jwt
import msgspec
from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from contracts.refusals import Reason, Refusal, Violation
from httpkit import problems
from httpkit.keys import KeySet, key_set
from httpkit.rates import Rates

ALGORITHMS: Final = ("EdDSA", "RS256", "ES256")
ALL_SCOPES: Final = "*"
"""What an issuer may give that may give every scope."""
CACHED_TOKENS_MAX: Final = 10_000
LEEWAY_S: Final = 5
NAME_MAX: Final = 255
_PRINCIPAL: Final = "koppel.principal"


class Principal(msgspec.Struct, frozen=True):
    """Who calls. `caller` is the scope of its idempotency keys: issuer and subject, or what the service says."""

    issuer: str
    subject: str
    scopes: frozenset[str]
    claims: Mapping[str, Any]
    caller: str
    expires_at: float


class Unauthorized(problems.HttpRefusal):
    """401: no token, or one that is not valid here."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(401, Violation(code, detail))
        error = "" if code == "token-missing" else f', error="invalid_token", error_description="{detail}"'
        self.challenge = f"{problems.CHALLENGE}{error}"


class Forbidden(Refusal):
    """403: the token is valid and does not allow this."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        wanted = " or ".join(scopes)
        detail = f"the token needs the scope {wanted}"
        super().__init__(Violation("insufficient-scope", detail, reason=Reason.FORBIDDEN))
        self.challenge = f'{problems.CHALLENGE}, error="insufficient_scope", scope="{" ".join(scopes)}"'


class IssuerSettings(Protocol):
    """An issuer as the settings name it; see `servicekit.settings.TrustedIssuer`."""

    @property
    def issuer(self) -> str: ...
    @property
    def jwks(self) -> str: ...
    @property
    def scopes(self) -> str: ...


class _Issuer:
    """An issuer with its own keys: those of another one do not sign for it."""

    def __init__(self, settings: IssuerSettings) -> None:
        self.name = settings.issuer
        self.keys = key_set(settings.jwks)
        self._may_give = frozenset(settings.scopes.split())

    def scopes_of(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """The token's scopes, without those that this issuer may not give."""
        scope = claims.get("scope", "")
        given = frozenset(scope.split()) if isinstance(scope, str) else frozenset()
        return given if ALL_SCOPES in self._may_give else given & self._may_give


class _Verified(NamedTuple):
    """A token that was verified, and with which revision of its issuer's keys."""

    principal: Principal
    keys: KeySet
    revision: int


class Tokens:
    """Checks tokens of the configured issuers. Verified ones are remembered until they expire or the keys change."""

    def __init__(
        self,
        issuers: Sequence[IssuerSettings],
        *,
        audience: str = "koppel",
        caller: Callable[[Mapping[str, Any]], str] | None = None,
        check: Callable[[Principal], Awaitable[None]] | None = None,
    ) -> None:
        """`caller` derives the scope of idempotency keys from claims; it is unique within its issuer.

        `check` is asked about every request's principal, and raises Unauthorized for a token that was revoked.
        """
        if not issuers:
            msg = "set KOPPEL_ISSUERS: tokens cannot be checked without the issuers' keys"
            raise ValueError(msg)
        self._issuers = {each.issuer: _Issuer(each) for each in issuers}
        if len(self._issuers) < len(issuers):
            msg = "two issuers of KOPPEL_ISSUERS have the same name; the gateway's is pos-gateway"
            raise ValueError(msg)
        self._audience = audience
        self._caller = caller or (lambda claims: str(claims["sub"]))
        self._check = check
        self._verified: dict[str, _Verified] = {}

    async def principal(self, authorization: str | None) -> Principal:
        """The principal of an Authorization header; raises Unauthorized if the token is missing or invalid."""
        if not authorization:
            raise Unauthorized("token-missing", "a bearer token is required")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized("token-missing", "a bearer token is required")
        found = self._verified.get(token)
        if found is None:
            return await self._verify(token)
        # A key that its issuer has withdrawn ends the tokens that it signed, also those that are remembered.
        await found.keys.refresh()
        if found.keys.revision != found.revision:
            self._verified.pop(token, None)
            return await self._verify(token)
        if found.principal.expires_at <= time.time():
            self._verified.pop(token, None)
            raise Unauthorized("token-expired", "the token has expired")
        return found.principal

    async def refuse_revoked(self, principal: Principal) -> None:
        """Unauthorized if what the token was given for has been taken back since."""
        if self._check is not None:
            await self._check(principal)

    async def _verify(self, token: str) -> Principal:
        header, unverified = _unverified(token)
        issuer = self._issuer_of(unverified)
        claims = await self._claims(token, header, issuer)
        if not _is_name(claims["sub"]):
            raise Unauthorized("token-invalid", "the token's subject is no usable name")
        principal = Principal(
            issuer=issuer.name,
            subject=claims["sub"],
            scopes=issuer.scopes_of(claims),
            claims=claims,
            caller=f"{issuer.name} {self._caller(claims)}",
            expires_at=float(claims["exp"]) + LEEWAY_S,
        )
        # The oldest goes first (dictionaries keep their order): with a new token per request memory stays bounded.
        if len(self._verified) >= CACHED_TOKENS_MAX:
            self._verified.pop(next(iter(self._verified)))
        self._verified[token] = _Verified(principal, issuer.keys, issuer.keys.revision)
        return principal

    def _issuer_of(self, claims: Mapping[str, Any]) -> _Issuer:
        """The issuer that the token names: only its keys are tried."""
        name = claims.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            raise Unauthorized("token-invalid", "the token's issuer is not accepted")
        return issuer

    async def _claims(self, token: str, header: Mapping[str, Any], issuer: _Issuer) -> dict[str, Any]:
        algorithm = header.get("alg")
        # Before a key is looked up: `none`, or a symmetric algorithm with the public key as its secret, must not pass.
        if algorithm not in ALGORITHMS:
            raise Unauthorized("token-invalid", "the token's algorithm is not accepted")
        for key in await issuer.keys.find(header.get("kid"), algorithm):
            try:
                return self._decode(token, key.key, algorithm, issuer)
            except jwt.InvalidSignatureError:
                continue  # several keys match where a token or a key has no `kid`
            except jwt.ExpiredSignatureError:
                raise Unauthorized("token-expired", "the token has expired") from None
            except (jwt.InvalidTokenError, ValueError) as e:
                raise Unauthorized("token-invalid", _reason(e)) from None
        raise Unauthorized("token-invalid", "the token is not signed by its issuer")

    def _decode(self, token: str, key: Any, algorithm: str, issuer: _Issuer) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=self._audience,
            issuer=issuer.name,
            leeway=LEEWAY_S,
            options={"require": ["exp", "sub", "iss"]},
        )
        return claims


def _unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims as the token has them, not verified yet."""
    try:
        read = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise Unauthorized("token-invalid", "the token is malformed") from None
    return read["header"], read["payload"]


def _is_name(value: Any) -> bool:
    """Names travel in headers of answers and events, and stand in logs and keys."""
    return (
        isinstance(value, str) and 1 <= len(value) <= NAME_MAX and value.isprintable() and value.strip() != ""
    )


def _reason(error: Exception) -> str:
    """Why a token is invalid, as text that is safe in a header."""
    match error:
        case jwt.InvalidAudienceError():
            return "the token is for another audience"
        case jwt.ImmatureSignatureError():
            return "the token is not valid yet"
        case jwt.MissingRequiredClaimError():
            return "the token lacks a required claim"
        case _:
            return "the token is not valid"


async def _current_principal(request: Request) -> Principal:
    """The principal of the request's token, or 401."""
    tokens: Tokens = request.app.state.tokens
    principal = await tokens.principal(request.headers.get("authorization"))
    rates: Rates = request.app.state.rates
    rates.count(principal.caller)
    await tokens.refuse_revoked(principal)
    request.scope[_PRINCIPAL] = principal
    return principal


class Requires(SecurityBase):
    """Dependency: the caller's Principal, or 401, or 403 without one of the scopes (none: any valid token)."""

    def __init__(self, *scopes: str) -> None:
        self.model = HTTPBearerModel(
            bearerFormat="JWT", description="A JSON Web Token of an accepted issuer."
        )
        self.scheme_name = "bearer"
        self.scopes = scopes

    async def __call__(self, request: Request) -> Principal:
        """Check the scopes; later `principal_of(request)` gives the same principal."""
        # Called, not depended on: FastAPI would solve one dependency more for every request.
        principal = await _current_principal(request)
        if self.scopes and principal.scopes.isdisjoint(self.scopes):
            raise Forbidden(self.scopes)
        return principal


def requires(*scopes: str) -> Any:
    """What a route's `dependencies` hold: a token with at least one of these scopes."""
    return Depends(Requires(*scopes))


def principal_of(request: Request) -> Principal:
    """The principal that the route's `requires` found for this request."""
    found = request.scope.get(_PRINCIPAL)
    if not isinstance(found, Principal):
        raise problems.internal() from LookupError("the route does not require a token")
    return found


def name_of_caller(request: Request) -> str:
    """The caller under whose name keys, waiting and rates are counted; "" on routes without a token."""
    principal = caller_of(request)
    return principal.caller if principal is not None else ""


def caller_of(request: Request) -> Principal | None:
    """The principal, None on routes without a token (those that give tokens out)."""
    found = request.scope.get(_PRINCIPAL)
    return found if isinstance(found, Principal) else None
