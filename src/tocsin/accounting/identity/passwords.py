"""What a password must be: long enough, not among the common ones, not made of what everybody can see. No rule about
which characters. Source: NIST SP 800-63B-4, 3.1.1.2."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

LEAST = 12
MOST = 256
LEAST_OTHER = 5
"""Different characters that a password has at least."""

_COMMON_TEXT = """
    000000000000 1234567890123 123456789012 1234567891011 12345678910 111111111111 1q2w3e4r5t6y 1qaz2wsx3edc
    1qaz2wsx3edc4rfv 123qweasdzxc abcdefghijkl abcdefghijklmnop adminadminadmin administrator alphabetagamma
    asdfghjkl asdfghjklqwertyuiop assassinscreed basketballplayer battlestargalactica captainamerica
    changemechangeme changemeplease chocolatechip christophermichael correcthorsebatterystaple commandcenter
    commandcentre dispatchdispatch emergencyservices firedepartment firefighters firstresponder footballplayer
    godisgood1234 googlegoogle helloworldhello iloveyouforever iloveyousomuch iloveyouverymuch incidentcommand
    jesuschristislord justinbieber letmeinletmein letmeinplease lokomotiv1922 loveyouforever manchesterunited
    mynameisjohn newpassword nopasswordhere operationcenter passwordispassword passwordpassword password1234567890
    pokemonpokemon princessprincess publicsafety qazwsxedcrfv qazwsxedcrfvtgb q1w2e3r4t5y6 qwertyqwerty
    qwertyuiopasdf qwertyuiopasdfghjkl qwertyuiop123 qwertyuiop1234 secretpassword sesameopensesame starwarsstarwars
    summersummer superadministrator superman12345 teddybearteddybear temporarypassword thequickbrownfox
    thisismypassword tocsintocsin trustno1trustno1 unbelievable watchofficer welcome12345 welcometohell
    welcomewelcome whateverwhatever winterwinter yourpassword zaq12wsxcde3 zxcvbnmasdfghjkl
    """
_COMMON = frozenset(_COMMON_TEXT.split())
"""Twelve characters and more that stand in lists of passwords that leaked, and what people of this field think of."""

_STEMS_TEXT = """
    admin administrator alarm autumn changeme default demo dispatch dispatcher dragon emergency fire firehouse football
    guest hello iloveyou incident letmein login master monkey officer passphrase passwort password pass princess
    qwerty qwertz root rescue responder secret spring station summer sunshine superman system temp temporary test
    tocsin trustno user watch welcome winter
    """
_STEMS = frozenset(_STEMS_TEXT.split())
"""Words that stay easy to guess whatever digits and signs stand around them, and however often they are said."""


class PasswordFault(StrEnum):
    """Why a password cannot be taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    MONOTONOUS = "monotonous"
    OBVIOUS = "obvious"
    """It is made of the login, the office or the house's name."""


def normal_password(text: str) -> str:
    """As it is hashed: NFKC, so that the same keys give the same password on every keyboard."""
    return unicodedata.normalize("NFKC", text)


def password_faults(password: str, *context: str) -> tuple[PasswordFault, ...]:
    """Everything that speaks against a password; empty: it can be taken.

    Args:
        context: what everybody knows of the account: login, office.
    """
    if len(password) > 4 * MOST:
        return (PasswordFault.TOO_LONG,)
    normal = normal_password(password)
    forms = _forms(normal)
    faults = {
        PasswordFault.TOO_SHORT: len(normal) < LEAST,
        PasswordFault.TOO_LONG: len(normal) > MOST,
        PasswordFault.COMMON: normal.casefold() in _COMMON or _is_made_of_any(forms, _STEMS),
        PasswordFault.MONOTONOUS: len(set(normal)) < LEAST_OTHER or _is_run(normal.casefold()),
        PasswordFault.OBVIOUS: _is_made_of_any(forms, [_letters(word.casefold()) for word in context]),
    }
    return tuple(fault for fault, holds in faults.items() if holds)


def _forms(text: str) -> frozenset[str]:
    """Letters alone, lower case: as they stand, and with the signs inside that are read as letters (`p@ssw0rd`)."""
    folded = text.casefold()
    inside = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    return frozenset(_letters(form) for form in (folded, inside.translate(_READ_AS)))


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text)


_READ_AS = str.maketrans("0134578@$!", "oleastbasi")


def _is_made_of_any(forms: frozenset[str], words: Iterable[str]) -> bool:
    return any(_is_made_of(form, word) for word in words for form in forms)


def _is_made_of(bare: str, word: str) -> bool:
    """Nothing but the word, once or again and again."""
    return len(word) >= 3 and bare != "" and bare.replace(word, "") == ""


def _is_run(text: str) -> bool:
    """Each character the one after, or the one before, the last: 123456…, zyx…"""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return len(text) > 1 and (steps <= {1, -9} or steps <= {-1, 9})
