"""Organisations: the only subjects that may ever be rated.

A rating of a natural person is refused by having no type for it. An `Organisation` has a number of a public register
that holds by that register's rules, and a legal form that is no natural person's. Sole traders, freelancers and
partnerships of natural persons count as persons, since what is said of them is said of somebody: GDPR Recital 14
leaves out legal persons only. What cannot be told apart is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType, Protocol, TypeAlias

from stdnum import lei
from stdnum.au import acn
from stdnum.be import vat as be_vat
from stdnum.br import cnpj
from stdnum.ch import uid
from stdnum.cn import uscc
from stdnum.de import handelsregisternummer
from stdnum.dk import cvr
from stdnum.ee import registrikood
from stdnum.es import cif
from stdnum.exceptions import ValidationError
from stdnum.fi import ytunnus
from stdnum.fr import siren
from stdnum.jp import cn as jp_cn
from stdnum.no import orgnr as no_orgnr
from stdnum.pt import nif
from stdnum.se import orgnr as se_orgnr
from stdnum.us import ein

from tocsin.errors import NeverDone

RegisterId = NewType("RegisterId", str)
LONGEST_NAME: Final = 200


class LegalForm(StrEnum):
    """Forms of legal persons. There is none for a natural person, nor for several of them together."""

    LIMITED_COMPANY = "limited_company"
    STOCK_COMPANY = "stock_company"
    COOPERATIVE = "cooperative"
    ASSOCIATION = "association"
    FOUNDATION = "foundation"
    PUBLIC_BODY = "public_body"


class _Numbers(Protocol):
    """What python-stdnum has for a register."""

    def validate(self, number: str) -> str: ...


@dataclass(frozen=True, slots=True)
class _Register:
    country: str
    """ISO 3166-1 alpha-2; empty: of all countries."""
    numbers: _Numbers
    shape: re.Pattern[str] = re.compile(r".{5,}")
    """What a whole number looks like, where python-stdnum does not ask."""
    persons: re.Pattern[str] | None = None
    """Numbers that the register also gives to natural persons or to partnerships of them, by its own rules."""


REGISTERS: Final[Mapping[RegisterId, _Register]] = {
    RegisterId(name): register
    for name, register in {
        "lei": _Register("", lei, re.compile(r"[A-Z0-9]{18}[0-9]{2}")),
        "au-acn": _Register("AU", acn),
        "be-kbo": _Register("BE", be_vat),
        "br-cnpj": _Register("BR", cnpj),
        "ch-uid": _Register("CH", uid),
        # The second character is the kind of body: 2 is a household business.
        "cn-uscc": _Register("CN", uscc, persons=re.compile(r"^92")),
        # Section A has sole traders and partnerships, PR partnerships of freelancers, GsR civil-law partnerships.
        "de-handelsregister": _Register("DE", handelsregisternummer, persons=re.compile(r" (?:HRA|PR|GsR) ")),
        "dk-cvr": _Register("DK", cvr),
        "ee-registrikood": _Register("EE", registrikood),
        # Letters: C and D partnerships, E joint owners, H owners of a building, J civil-law partnerships.
        "es-cif": _Register("ES", cif, persons=re.compile(r"^[CDEHJ]")),
        "fi-ytunnus": _Register("FI", ytunnus),
        "fr-siren": _Register("FR", siren),
        "jp-houjin": _Register("JP", jp_cn),
        "no-orgnr": _Register("NO", no_orgnr),
        # Taxpayers 1 to 4 are natural persons, 7 estates and 8 sole traders of old.
        "pt-nipc": _Register("PT", nif, persons=re.compile(r"^[1-478]")),
        # The third digit of a legal person is at least 2; sole traders carry their own number of identity.
        "se-orgnr": _Register("SE", se_orgnr, persons=re.compile(r"^\d\d[01]")),
        "us-ein": _Register("US", ein),
    }.items()
}
"""Registers by name. Where a register does not tell persons apart by the number, the legal form has to."""


def _forms(form: LegalForm, texts: str) -> dict[str, LegalForm]:
    return {_plain(text): form for text in texts.split(",")}


def _plain(text: str) -> str:
    """Small letters and digits without accents and signs: `S.A.` and `sa` are one."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", bare)


FORMS: Final[Mapping[str, LegalForm]] = {
    **{_plain(form.value): form for form in LegalForm},
    **_forms(
        LegalForm.LIMITED_COMPANY,
        """GmbH, Gesellschaft mit beschränkter Haftung, gGmbH, UG, UG (haftungsbeschränkt), GmbH & Co. KG, AG & Co. KG,
        Ltd, Limited, private limited company,
        LLC, BV, BVBA, SRL, SARL, S.à r.l., SAS, SASU, SL, SLU, Lda, Ltda, ApS, AS (NO), Oy, Sp. z o.o., s.r.o., d.o.o.,
        Kft, OÜ, SIA, UAB, EOOD, OOD, Pty Ltd, KK, GK, 有限责任公司, 合同会社""",
    ),
    **_forms(
        LegalForm.STOCK_COMPANY,
        """AG, Aktiengesellschaft, KGaA, SE, PLC, public limited company, Inc, Corp, Corporation, NV, SA,
        société anonyme, sociedad anónima, SpA, SAA, A/S, ASA, AB, Aktiebolag, AB (publ), Oyj,
        a.s., d.d., Nyrt, Zrt, AD, AE, 株式会社,
        股份有限公司""",
    ),
    **_forms(
        LegalForm.COOPERATIVE, "eG, Genossenschaft, co-operative society, SCE, SCOP, osuuskunta, ekonomisk förening"
    ),
    **_forms(
        LegalForm.ASSOCIATION,
        "e.V., eingetragener Verein, association loi 1901, ry, rekisteröity yhdistys, ideell förening, vereniging",
    ),
    **_forms(
        LegalForm.FOUNDATION, "Stiftung, stichting, fondation, fundación, fondazione, säätiö, stiftelse, trust fund"
    ),
    **_forms(
        LegalForm.PUBLIC_BODY,
        """KdöR, AöR, Körperschaft des öffentlichen Rechts, Anstalt des öffentlichen Rechts, Gemeinde, municipality,
        city, county, state, EPCI, établissement public, ayuntamiento, kunta, kommun, government agency, NHS trust""",
    ),
}
"""Legal forms as people write them. What is not here is not known to be a legal person's, and refused."""

_OF_PERSONS: Final = """
sole trader, sole proprietor, sole proprietorship, self-employed, freelancer, freelance, individual, natural person,
partnership, general partnership, limited partnership, LP, LLP, limited liability partnership, DBA,
Einzelunternehmen, Einzelunternehmer, Einzelfirma, e.K., e.Kfm., e.Kfr., Freiberufler, Freie Berufe, GbR, eGbR, OHG,
KG, PartG, PartG mbB, entreprise individuelle, EI, EIRL, auto-entrepreneur, micro-entrepreneur, profession libérale,
SNC, société civile, autónomo, empresario individual, comunidad de bienes, sociedad civil, ditta individuale,
libero professionista, società semplice, eenmanszaak, zzp, vof, maatschap, zelfstandige, toiminimi,
yksityinen elinkeinonharjoittaja, avoin yhtiö, kommandiittiyhtiö, enskild firma, enskild näringsidkare,
handelsbolag, kommanditbolag, enkeltpersonforetak, enkeltmandsvirksomhed, FIE,
jednoosobowa działalność gospodarcza, JDG, spółka cywilna, spółka jawna, osoba fyzická, OSVČ, MEI,
empresário individual, 个体工商户, 個人事業主
"""
PERSONS: Final[frozenset[str]] = frozenset(_plain(text) for text in _OF_PERSONS.split(","))
"""Forms of natural persons, and of natural persons together."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A legal person of a public register.

    Raises, when it is made: NeverDone for a register that is not known, a number that the register's rules do not
    accept or give to natural persons, a legal form that is none of `LegalForm`, or a name that is empty.
    """

    register: RegisterId
    number: str
    """As the register writes it: `organisation` brings other spellings into that form."""
    legal_form: LegalForm
    name: str

    def __post_init__(self) -> None:
        if number_of(self.register, self.number) != self.number:
            raise NeverDone(f"{self.register}: write the number as the register does; `organisation` does that")
        if not isinstance(self.legal_form, LegalForm):
            raise NeverDone("a legal form is one of LegalForm: a natural person has none of them")
        if not self.name.strip() or len(self.name) > LONGEST_NAME:
            raise NeverDone(f"an organisation has a name of at most {LONGEST_NAME} characters")

    @property
    def country(self) -> str:
        """Of the register, ISO 3166-1 alpha-2; empty for one of all countries."""
        return REGISTERS[self.register].country


RatingSubject: TypeAlias = Organisation
"""Whatever is ever rated is this and nothing else (tests/architecture/test_never.py)."""


def organisation(register: str, number: str, legal_form: str, name: str) -> Organisation:
    """An organisation as its register and its papers tell it.

    Args:
        register: one of `REGISTERS`, such as `de-handelsregister`.
        number: in any spelling that python-stdnum accepts for the register.
        legal_form: as it is written, such as `GmbH`, or a value of `LegalForm`.

    Raises: NeverDone for whatever is, or may be, a natural person.
    """
    known = RegisterId(register)
    return Organisation(known, number_of(known, number), legal_form_of(legal_form), name.strip())


def number_of(register: RegisterId, number: str) -> str:
    """The number in its register's own spelling.

    Raises: NeverDone for a register or a number that cannot be.
    """
    found = REGISTERS.get(register)
    if found is None:
        raise NeverDone(f"{register!r} is no register that is known: {', '.join(REGISTERS)}")
    try:
        written = " ".join(str(found.numbers.validate(number)).split())
    except ValidationError as error:
        raise NeverDone(f"{register}: the number does not hold by the register's rules ({error})") from error
    if not found.shape.fullmatch(written):
        raise NeverDone(f"{register}: the number does not hold by the register's rules (not as long as one is)")
    if found.persons is not None and found.persons.search(written):
        raise NeverDone(f"{register}: the register gives such numbers to natural persons, who are never rated")
    return written


def legal_form_of(text: str) -> LegalForm:
    """The legal form that a text names.

    Raises: NeverDone for one of natural persons, and for one that is not known.
    """
    plain = _plain(text)
    if plain in PERSONS:
        raise NeverDone(f"{text!r} is a form of natural persons, who are never rated (docs/concepts/never.md)")
    if plain not in FORMS:
        raise NeverDone(f"{text!r} is not known as a legal person's form: what cannot be told apart is refused")
    return FORMS[plain]
