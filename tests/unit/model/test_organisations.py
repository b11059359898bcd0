"""Only legal persons of a public register can ever be rated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tocsin.errors import NeverDone
from tocsin.model.organisations import FORMS, PERSONS, REGISTERS, LegalForm, Organisation, RegisterId, organisation

PLANT = ("de-handelsregister", "Aachen HRB 11223", "GmbH", "Works Ltd")


@pytest.mark.parametrize(
    ("register", "number", "form", "written"),
    [
        ("lei", "5493001KJTIIGC8Y1R12", "PLC", "5493001KJTIIGC8Y1R12"),
        ("de-handelsregister", "Aachen HRB 11223", "GmbH & Co. KG", "Aachen HRB 11223"),
        ("se-orgnr", "556703-7485", "Aktiebolag", "5567037485"),
        ("fr-siren", "552 008 443", "S.A.", "552008443"),
        ("fi-ytunnus", "2077474-0", "Oy", "20774740"),
        ("no-orgnr", "988 077 917", "ASA", "988077917"),
        ("jp-houjin", "5-8356-7825-6246", "株式会社", "5835678256246"),
        ("us-ein", "91-1144442", "Inc.", "911144442"),
        ("cn-uscc", "91110000600037341L", "有限责任公司", "91110000600037341L"),
    ],
)
def test_a_registered_legal_person_is_an_organisation(register: str, number: str, form: str, written: str) -> None:
    made = organisation(register, number, form, " Works ")
    assert (made.number, made.name) == (written, "Works")
    assert made.legal_form in LegalForm
    assert made.country == REGISTERS[RegisterId(register)].country


@pytest.mark.parametrize("form", [*sorted(PERSONS), "e.K.", "Sole Trader", "Autónomo", "OHG"])
def test_a_form_of_natural_persons_is_refused(form: str) -> None:
    with pytest.raises(NeverDone, match="natural persons"):
        organisation(PLANT[0], PLANT[1], form, PLANT[3])


@pytest.mark.parametrize("form", ["", " ", "family business", "person", "GmbHH", "\ud800"])
def test_a_form_that_is_not_known_is_refused(form: str) -> None:
    with pytest.raises(NeverDone, match="not known"):
        organisation(PLANT[0], PLANT[1], form, PLANT[3])


@pytest.mark.parametrize(
    ("register", "number"),
    [
        ("de-handelsregister", "Aachen HRA 11223"),
        ("es-cif", "J99216582"),
        ("se-orgnr", "811228-9874"),
        ("pt-nipc", "123456789"),
    ],
)
def test_a_number_that_registers_give_to_persons_is_refused(register: str, number: str) -> None:
    with pytest.raises(NeverDone, match="natural persons"):
        organisation(register, number, "limited_company", "Works")


@pytest.mark.parametrize(
    ("register", "number"),
    [
        ("lei", "5493001KJTIIGC8Y1R13"),
        ("fr-siren", "552008444"),
        ("us-ein", "00-1144442"),
        ("de-handelsregister", "Atlantis HRB 1"),
        ("phone-book", "030 1234567"),
        ("lei", ""),
    ],
)
def test_a_number_that_does_not_hold_is_refused(register: str, number: str) -> None:
    with pytest.raises(NeverDone):
        organisation(register, number, "GmbH", "Works")


def test_the_constructor_refuses_what_the_function_refuses() -> None:
    made = organisation(*PLANT)
    with pytest.raises(NeverDone):
        replace(made, legal_form="sole trader")  # type: ignore[arg-type]
    with pytest.raises(NeverDone):
        replace(made, number="Aachen HRA 11223")
    with pytest.raises(NeverDone):
        replace(made, number=" Aachen  HRB 11223")
    with pytest.raises(NeverDone):
        Organisation(RegisterId("lei"), "1", LegalForm.FOUNDATION, "Works")
    for name in ("", "  ", "x" * 201):
        with pytest.raises(NeverDone, match="name"):
            replace(made, name=name)


def test_no_form_is_both() -> None:
    assert not PERSONS & FORMS.keys()
    assert "" not in FORMS
    assert "" not in PERSONS
