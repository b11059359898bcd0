"""A pack's `access/` folder: absent it is Tocsin's own, present but invalid it closes everything."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from tests.rules import ask, base
from tocsin.accounting.access import Action, DatasetId, RoleId
from tocsin.accounting.policy import CedarPolicy, Closed, policy_of
from tocsin.adapters.packs import check_pack, load_pack, read_access
from tocsin.adapters.packs.access import read_vocabulary
from tocsin.adapters.packs.example import write_example

OWN = Path(str(files("tocsin"))) / "access"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "access").mkdir()
    return tmp_path


def write(pack: Path, **texts: str) -> None:
    for name, text in texts.items():
        (pack / "access" / name.replace("__", ".")).write_text(text, encoding="utf-8")


def own(name: str) -> str:
    return (OWN / name).read_text(encoding="utf-8")


def test_a_pack_without_the_folder_has_tocsins_rules(tmp_path: Path) -> None:
    assert read_access(tmp_path) == read_access(None) == base()


def test_a_copy_of_tocsins_rules_decides_alike_with_the_same_digest(tmp_path: Path) -> None:
    shutil.copytree(OWN, tmp_path / "access", ignore=shutil.ignore_patterns("vocabulary.toml"))
    access = read_access(tmp_path)
    assert access.faults == ()
    assert access.digest == base().digest
    assert access.version == "the pack's"


def test_a_file_stands_in_the_place_of_tocsins(pack: Path) -> None:
    role = '[harbour_master]\ntitle = "Harbour master"\nwhat = "Watches over the port."\ngroups = ["picture"]\n'
    write(pack, roles__toml=own("roles.toml") + role)
    access = read_access(pack)
    assert access.faults == ()
    assert RoleId("harbour_master") in access.roles
    assert access.datasets == base().datasets
    policy = CedarPolicy(access)
    assert policy.decide(ask("harbour_master", Action.CONSULT, "calls")).allowed
    assert not policy.decide(ask("harbour_master", Action.DECIDE, "plans")).allowed


def test_a_packs_policies_stand_in_the_place_of_the_base_all_together(pack: Path) -> None:
    write(pack, a__cedar='@id("a") permit (principal == Role::"analyst", action, resource == Dataset::"forecasts");')
    write(pack, b__cedar='@id("b") forbid (principal, action == Action::"export", resource);')
    write(pack, README__md="Why our rules are as they are.")
    policy = CedarPolicy(read_access(pack))
    assert policy.decide(ask("analyst", Action.CONSULT, "forecasts")).policies == ("a",)
    assert policy.decide(ask("analyst", Action.EXPORT, "forecasts")).policies == ("b",)
    assert not policy.decide(ask("analyst", Action.CONSULT, "calls")).allowed


FAULTS = [
    ({}, "access: is empty"),
    ({"role__toml": "[a]\n"}, "access/role.toml: is no file of access"),
    ({"roles__toml": "[a"}, "access/roles.toml: is not TOML"),
    ({"roles__toml": '[watch_officer]\ntitle = "W"\n'}, "the key what is not there"),
    ({"roles__toml": '[A]\ntitle = "W"\nwhat = "W"\n'}, "is no id"),
    ({"roles__toml": own("roles.toml") + "salary = 3\n"}, "the key salary is not known"),
    ({"roles__toml": own("roles.toml").replace("[analyst]", "[researcher]")}, 'names Role::"analyst"'),
    ({"datasets__toml": own("datasets.toml").replace('"special"', '"secret"')}, "'secret' is none of public"),
    (
        {"datasets__toml": own("datasets.toml").replace("retention_days", "retention_dyas")},
        "retention_dyas is not known",
    ),
    ({"datasets__toml": own("datasets.toml").replace("kind_reported = ", "reported = ")}, "names the field"),
    ({"datasets__toml": own("datasets.toml").replace('"mutual_aid", ', '"fun", ')}, "'fun', which nobody declared"),
    ({"purposes__toml": own("purposes.toml").replace("dpv:RightsFulfilment", "dpv:Rights")}, "no purpose of DPV"),
    ({"purposes__toml": own("purposes.toml").replace("dpv:RightsFulfilment", "dpv:Advertising")}, "no purpose of DPV"),
    ({"purposes__toml": own("purposes.toml").replace('broader = "dpv:LegalCompliance"\n', "")}, "the key broader"),
    ({"purposes__toml": own("purposes.toml").replace("A6-1-d", "A6-1-z")}, "no term of DPV"),
    (
        {
            "purposes__toml": own("purposes.toml").replace(
                'special = ["eu-gdpr:A9-2-c"]', 'special = ["eu-gdpr:A6-1-d"]'
            )
        },
        "no term",
    ),
    ({"purposes__toml": own("purposes.toml").replace('bases = ["eu-gdpr:A6-1-c"]', "bases = []")}, "the key bases"),
    ({"x__cedar": "permit (principal"}, "access/x.cedar: does not parse"),
    ({"x__cedar": "permit (principal, action, resource);"}, "has no @id"),
    ({"x__cedar": ""}, "there is no policy"),
    ({"schema__cedarschema": "entity"}, "the schema does not parse"),
]


@pytest.mark.parametrize(("texts", "fault"), FAULTS)
def test_rules_with_a_fault_close_everything(pack: Path, texts: dict[str, str], fault: str) -> None:
    write(pack, **texts)
    access = read_access(pack)
    assert any(fault in one for one in access.faults), access.faults
    policy = policy_of(access)
    assert isinstance(policy, Closed)
    assert not policy.decide(ask("watch_officer", Action.CONSULT, "policy")).allowed


def test_bytes_that_are_no_text_and_a_file_in_the_folders_place_are_faults(tmp_path: Path) -> None:
    (tmp_path / "access").write_text("roles", encoding="utf-8")
    assert any("is no folder" in fault for fault in read_access(tmp_path).faults)
    (tmp_path / "access").unlink()
    (tmp_path / "access").mkdir()
    (tmp_path / "access" / "roles.toml").write_bytes(b"\xff\xfe")
    assert any("is not UTF-8" in fault for fault in read_access(tmp_path).faults)


def test_a_link_that_leads_nowhere_does_not_open_the_base(tmp_path: Path) -> None:
    (tmp_path / "access").symlink_to(tmp_path / "gone")
    assert read_access(tmp_path).faults != ()


def test_what_cannot_be_read_of_a_field_keeps_it_closest(pack: Path) -> None:
    write(pack, datasets__toml=own("datasets.toml").replace('sensitivity = "internal"', 'sensitivity = "?"'))
    calls = read_access(pack).datasets[DatasetId("calls")]
    assert {field.sensitivity.value for field in calls.fields.values()} == {"special", "restricted"}


def test_check_reports_faults_of_access_and_the_desk_still_loads(tmp_path: Path) -> None:
    write_example(tmp_path / "town")
    assert check_pack(tmp_path / "town").ok
    (tmp_path / "town" / "access").mkdir()
    write(tmp_path / "town", x__cedar="permit (principal, action, resource);")
    report = check_pack(tmp_path / "town")
    assert [(fault.file, fault.code) for fault in report.faults] == [("access", "bad_access")]
    assert load_pack(tmp_path / "town").report.ok


def test_the_vocabulary_holds_what_the_base_uses() -> None:
    words = read_vocabulary()
    assert words.release == "2.3"
    assert {basis for purpose in base().purposes.values() for basis in purpose.bases} <= words.bases
    assert all(term.startswith("dpv:") for term in words.purposes)
    assert all(term.startswith("eu-gdpr:A6-1-") for term in words.bases)
    assert sorted(words.special) == [f"eu-gdpr:A9-2-{letter}" for letter in "abcdefghij"]
