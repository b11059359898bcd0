"""Finds what carries persons: columns by their name, ids by their look. Personal data is kept out at the door."""

from __future__ import annotations

import re

import polars as pl


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PERSONAL_WORDS = _words(
    """
    name names firstname lastname surname forename fullname vorname nachname nom prenom nombre apellido nimi sukunimi
    phone phones telephone tel telefon telefono puhelin mobile cell fax caller email mail mailto
    plate plates platenumber licenceplate licenseplate kennzeichen matricula matricule rekisteri vin
    patient victim complainant reporter person persons age sex gender birth birthday birthdate dob ssn passport
    race ethnicity religion nationality address addresses adresse direccion osoite street housenumber
    note notes remark remarks comment comments narrative description freetext text message details bemerkung
    """
)
EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
_PHONE = r"^(?:\+\d[\d ()/.-]{6,}\d|00\d[\d]*[ /.-][\d ()/.-]{5,}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})$"
PLATE = (
    r"^(?:[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2} \d{1,4}[EH]?"  # Germany
    r"|[A-Z]{2}-\d{3}-[A-Z]{2}"  # France, Italy
    r"|[A-Z]{2}\d{2} [A-Z]{3}"  # United Kingdom
    r"|\d{4} [B-DF-HJ-NP-TV-Z]{3}"  # Spain
    r"|\d[A-Z]{3}\d{3})$"  # California
)
_ALONE = tuple(
    (what, re.compile(pattern))
    for what, pattern in (("an e-mail address", EMAIL), ("a telephone number", _PHONE), ("a number plate", PLATE))
)
PLATE_SHARE = 0.2
"""Ids that are drawn by chance look like a plate now and then; a column of plates does so often."""


def is_personal_column(name: str) -> bool:
    """Whether a column's name says that it may carry a person."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    words = [word for word in re.split(r"[^A-Za-z]+", spaced.lower()) if word]
    return any(word in _PERSONAL_WORDS for word in words) or "".join(words) in _PERSONAL_WORDS


def looks_personal(value: str) -> str | None:
    """What one id by itself looks like when it may name a person, else None."""
    for what, pattern in _ALONE:
        if pattern.search(value):
            return what
    return None


def find_personal_rows(ids: pl.Series) -> tuple[list[int], str]:
    """Positions of ids that look like a person's address, number or plate, and what they look like."""
    for what, pattern in (("an e-mail address", EMAIL), ("a telephone number", _PHONE)):
        rows = ids.str.contains(pattern).fill_null(value=False).arg_true().to_list()
        if rows:
            return rows, what
    plates = ids.str.contains(PLATE).fill_null(value=False)
    if len(ids) and plates.sum() >= max(1.0, PLATE_SHARE * len(ids)):
        return plates.arg_true().to_list(), "a number plate"
    return [], ""
