"""Passkeys as a second factor: WebAuthn level 3, by the library `webauthn` (extra `passkeys`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tocsin.accounting.entries import Json
from tocsin.accounting.identity.accounts import Passkey, UserAccount

_LOCAL = re.compile(r"http://localhost(:\d{1,5})?")
_UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What the library raises over an answer that no authenticator gives."""


class WebAuthnPasskeys:
    """Implements `ports.Passkeys`.

    Args:
        public_url: the address that browsers see, `https://…`. None: `http://localhost` at any port, since browsers
            take passkeys for names only, and for `localhost` without TLS.
    """

    def __init__(self, public_url: str | None = None) -> None:
        self._public_url = public_url
        self._host = "localhost" if public_url is None else str(urlsplit(public_url).hostname)

    def registration(self, account: UserAccount, challenge: bytes) -> Mapping[str, Json]:
        """Asks for any authenticator; no attestation, since which make it is concerns nobody."""
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name="Tocsin",
            user_name=account.login,
            user_id=account.id.encode(),
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
            ),
            exclude_credentials=_descriptors(account),
        )
        return _as_json(options)

    def find_registered(
        self, answer: Mapping[str, Json], challenge: bytes, title: str, now: datetime
    ) -> Passkey | None:
        try:
            found = webauthn.verify_registration_response(
                credential=dict(answer),
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin(answer),
            )
        except _UNREADABLE:
            return None
        key = bytes_to_base64url(found.credential_public_key)
        return Passkey(bytes_to_base64url(found.credential_id), key, found.sign_count, title, now)

    def request(self, account: UserAccount, challenge: bytes) -> Mapping[str, Json]:
        options = webauthn.generate_authentication_options(
            rp_id=self._host, challenge=challenge, allow_credentials=_descriptors(account)
        )
        return _as_json(options)

    def find_used(self, account: UserAccount, answer: Mapping[str, Json], challenge: bytes) -> Passkey | None:
        passkey = next((p for p in account.passkeys if p.id == answer.get("id")), None)
        if passkey is None:
            return None
        try:
            used = webauthn.verify_authentication_response(
                credential=dict(answer),
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin(answer),
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=passkey.counter,
            )
        except _UNREADABLE:
            return None
        return replace(passkey, counter=used.new_sign_count)

    def _origin(self, answer: Mapping[str, Json]) -> str:
        """The origin that is expected: without a public address any port of `localhost`, which the answer names."""
        if self._public_url is not None:
            return self._public_url
        response = cast("Mapping[str, Any]", answer["response"])
        said = str(json.loads(base64url_to_bytes(str(response["clientDataJSON"])))["origin"])
        return said if _LOCAL.fullmatch(said) else "http://localhost"


def _descriptors(account: UserAccount) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.id)) for passkey in account.passkeys]


def _as_json(options: Any) -> Mapping[str, Json]:
    found: Mapping[str, Json] = json.loads(webauthn.options_to_json(options))
    return found
