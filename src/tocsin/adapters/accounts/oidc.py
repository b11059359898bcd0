"""Single sign-on by OpenID Connect: authorisation code with PKCE, state and nonce (extra `sso`: Authlib).

Sources: OpenID Connect Core 1.0, 3.1; RFC 7636 (PKCE); RFC 9700 (best current practice); RFC 9207 (issuer in the
answer). What the browser keeps while it is away is signed by this process, for this way and for ten minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from tocsin.accounting.access import RoleId
from tocsin.accounting.identity.accounts import normal_login
from tocsin.errors import AccountError
from tocsin.ports import Clock, Vouched

AWAY = timedelta(minutes=10)
"""How long somebody may take at the provider."""
ASK_S = 10.0
LEEWAY_S = 60
"""Seconds by which the provider's clock may differ."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures that are taken: none without a public key."""
LOOPBACK = ("http://127.0.0.1:", "http://localhost:", "http://[::1]:")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and what its claims mean here. `roles`: claim value to role."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    roles: Mapping[str, RoleId] = field(default_factory=dict)
    roles_claim: str = "groups"
    office_claim: str = ""
    office: str = "City"


class OpenIdConnect:
    """Implements `ports.SingleSignOn`. Blocking: call it off the event loop.

    Args:
        key: signs what the browser keeps; fresh at each start.
    """

    def __init__(self, provider: Provider, key: bytes, clock: Clock) -> None:
        _check_safe(provider.issuer)
        self._provider = provider
        self._key = key
        self._clock = clock
        self._metadata: Mapping[str, Any] | None = None

    def begin(self, return_to: str) -> tuple[str, str]:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._client(return_to) as client:
            url, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"), state=state, code_verifier=verifier, nonce=nonce
            )
        until = int((self._clock.now() + AWAY).timestamp())
        return str(url), self._sealed({"s": state, "n": nonce, "v": verifier, "r": return_to, "u": until})

    def finish(self, kept: str, query: Mapping[str, str], return_to: str) -> Vouched | None:
        before = self._opened(kept)
        if before is None or before["r"] != return_to or self._clock.now().timestamp() >= before["u"]:
            return None
        if not hmac.compare_digest(query.get("state", "").encode(), str(before["s"]).encode()) or "code" not in query:
            return None
        if query.get("iss", self._provider.issuer) != self._provider.issuer:
            return None
        claims = self._claims(query["code"], str(before["v"]), str(before["n"]), return_to)
        return None if claims is None else self._vouched(claims)

    def _claims(self, code: str, verifier: str, nonce: str, return_to: str) -> Mapping[str, Any] | None:
        """What the provider says of whoever holds the code; None when it says nothing that holds."""
        try:
            with self._client(return_to) as client:
                token = client.fetch_token(
                    self._endpoint("token_endpoint"), code=code, code_verifier=verifier, grant_type="authorization_code"
                )
            keys = KeySet.import_key_set(self._asked(self._endpoint("jwks_uri")))
            found = jwt.decode(token["id_token"], keys, registry=JWSRegistry(algorithms=list(ALGORITHMS)))
            wanted = {
                "iss": {"essential": True, "value": self._provider.issuer},
                "aud": {"essential": True, "value": self._provider.client_id},
            }
            params = {"nonce": nonce, "client_id": self._provider.client_id, "access_token": token["access_token"]}
            claims = CodeIDToken(found.claims, found.header, wanted, params)
            claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY_S)
        except httpx2.HTTPError as error:
            raise _unreachable(error) from error
        except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError):
            return None
        return dict(claims)

    def _vouched(self, claims: Mapping[str, Any]) -> Vouched | None:
        said = claims.get(self._provider.roles_claim, ())
        values = [said] if isinstance(said, str) else [v for v in said if isinstance(v, str)] if _is_list(said) else []
        roles = frozenset(self._provider.roles[value] for value in values if value in self._provider.roles)
        office = str(claims.get(self._provider.office_claim) or self._provider.office)[:80]
        subject = f"{self._provider.issuer}|{claims['sub']}"
        shown = (str(claims.get(name, "")) for name in ("preferred_username", "email"))
        named = hashlib.sha256(subject.encode()).hexdigest()[:16]
        login = next((name for name in map(normal_login, shown) if name is not None), f"sso-{named}")
        return Vouched(subject, login, roles, office)

    def _client(self, return_to: str) -> Any:
        return OAuth2Client(
            self._provider.client_id,
            self._provider.secret,
            scope="openid profile email",
            redirect_uri=return_to,
            code_challenge_method="S256",
            timeout=ASK_S,
            trust_env=False,
        )

    def _endpoint(self, name: str) -> str:
        """Raises: AccountError when the provider does not say it."""
        if self._metadata is None:
            found = self._asked(f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if not isinstance(found, dict) or found.get("issuer") != self._provider.issuer:
                raise AccountError("the single sign-on calls itself otherwise than tocsin.toml: check `sso.issuer`")
            self._metadata = found
        url = str(self._metadata.get(name, ""))
        _check_safe(url)
        return url

    def _asked(self, url: str) -> Any:
        try:
            answer = httpx2.get(url, timeout=ASK_S, trust_env=False)
            answer.raise_for_status()
            return answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise _unreachable(error) from error

    def _sealed(self, fields: Mapping[str, Any]) -> str:
        body = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()
        return f"{body}.{self._signature(body)}"

    def _opened(self, kept: str) -> Mapping[str, Any] | None:
        body, _, signature = kept.partition(".")
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), self._signature(body).encode()):
            return None
        found: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(body))
        return found

    def _signature(self, body: str) -> str:
        return hmac.new(self._key, body.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, Mapping | bytes)


def _check_safe(url: str) -> None:
    """Raises: AccountError for an address that is neither https nor on loopback."""
    if not url.startswith(("https://", *LOOPBACK)):
        raise AccountError(f"the single sign-on's address {url or '(none)'} must begin with https://")


def _unreachable(error: Exception) -> AccountError:
    return AccountError(f"the single sign-on cannot be asked ({type(error).__name__}): try again, or sign in otherwise")
