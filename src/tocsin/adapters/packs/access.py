"""Reads `access/`: roles, datasets, purposes and policies. Without the folder Tocsin's own rules hold.

Each file of a pack stands in the place of Tocsin's file of that name, and any `*.cedar` in the place of `base.cedar`;
what a pack does not have is Tocsin's. Nothing here is passed over: an unknown key, an unknown file and an empty folder
are faults, and rules with a fault refuse everything.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from cedarpy import PolicySet

from tocsin.accounting.access import (
    Access,
    BasisId,
    DataField,
    Dataset,
    DatasetId,
    FieldId,
    Purpose,
    PurposeId,
    Role,
    RoleId,
    Sensitivity,
)
from tocsin.accounting.policy import find_faults, with_digest
from tocsin.accounting.policy.asking import SEALED
from tocsin.accounting.policy.reading import find_too_deep
from tocsin.adapters.packs.codes import FaultCode
from tocsin.adapters.packs.keys import Keys
from tocsin.adapters.packs.report import Findings, describe
from tocsin.adapters.packs.tables import read_text

FOLDER = "access"
ROLES, DATASETS, PURPOSES, SCHEMA = "roles.toml", "datasets.toml", "purposes.toml", "schema.cedarschema"
VOCABULARY = "vocabulary.toml"
_TABLES = frozenset({ROLES, DATASETS, PURPOSES, SCHEMA})
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MOST_DAYS = 36_500
_CALLS = DatasetId("calls")
_HELD = frozenset(
    {"place", "kind_reported", "raw", "kind", "lon", "lat", "call", "received", "area", "incident", "priority"}
)
"""Fields of calls that come in another way than by a declared column, and names that a report has already."""
_NEVER = (
    "plate plates numberplate licenceplate licenseplate kennzeichen matricula vin face faces voice voices fingerprint "
    "biometric biometrics dna gait race ethnicity religion belief politics party union orientation sexuality "
    "nationality citizenship score scores rank rating reputation credit suspect offence offense crime profile"
)
"""What no field may hold, declared or not: docs/concepts/never.md."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of DPV that purposes and legal bases may use."""

    release: str
    purposes: frozenset[str]
    bases: frozenset[str]
    special: frozenset[str]


def read_access(pack: Path | None) -> Access:
    """The rules of a pack's `access/` folder, or Tocsin's own where it has none. Never raises.

    Args:
        pack: the pack's folder; None: Tocsin's own rules.
    """
    return find_access(pack, Findings())


def find_access(pack: Path | None, findings: Findings) -> Access:
    """As `read_access`; every fault also goes to `findings`, with its file."""
    own = Findings()
    folder = None if pack is None else pack / FOLDER
    try:
        there = folder is not None and (folder.exists() or folder.is_symlink())
        access = _Reader(folder if there else None, own).read()
    except OSError as error:
        own.fault(FOLDER, FaultCode.UNREADABLE, f"cannot be read ({error.strerror}): check its rights")
        access = Access({}, {}, {}, "", "", "")
    for warning in own.warnings:
        own.fault(warning.file, FaultCode.BAD_ACCESS, warning.message, row=warning.row, column=warning.column)
    if not own.faults:
        for fault in find_faults(access):
            own.fault(FOLDER, FaultCode.BAD_ACCESS, fault)
    findings.faults.extend(own.faults)
    return with_digest(replace(access, faults=tuple(describe(fault) for fault in own.faults)))


def read_vocabulary() -> Vocabulary:
    """The terms that ship with Tocsin."""
    table = tomllib.loads((_base() / VOCABULARY).read_text(encoding="utf-8"))
    purposes, bases, special = (frozenset(table[key]) for key in ("purposes", "bases", "special"))
    return Vocabulary(table["release"], purposes, bases, special)


def list_sealed_columns(access: Access) -> tuple[str, ...]:
    """Columns of calls.parquet that the rules declare as sealed fields of calls. None while the rules have faults: then
    what may carry persons is dropped, as without rules."""
    if access.faults or _CALLS not in access.datasets:
        return ()
    fields = access.datasets[_CALLS].fields.values()
    return tuple(field.id for field in fields if field.sensitivity in SEALED and field.id not in _HELD)


def _base() -> Path:
    return Path(str(files("tocsin"))) / FOLDER


@dataclass(frozen=True, slots=True)
class _Reader:
    """`folder` is the pack's, None where it has none."""

    folder: Path | None
    findings: Findings

    def read(self) -> Access:
        self._find_strangers()
        return Access(
            roles={role.id: role for role in self._roles()},
            datasets={dataset.id: dataset for dataset in self._datasets()},
            purposes={purpose.id: purpose for purpose in self._purposes()},
            policies=self._policies(),
            schema=self._text(SCHEMA) or "",
            digest="",
            version="Tocsin's base" if self.folder is None else "the pack's",
        )

    def _find_strangers(self) -> None:
        """A file with a misspelt name would leave Tocsin's own rules in force, and nobody would notice."""
        if self.folder is None:
            return
        if not self.folder.is_dir():
            self.findings.fault(FOLDER, FaultCode.BAD_ACCESS, "is no folder: make it one, or take it away")
            return
        names = sorted(path.name for path in self.folder.iterdir())
        if not any(name in _TABLES or name.endswith(".cedar") for name in names):
            message = f"is empty: write one of {', '.join(sorted(_TABLES))} or a *.cedar, or take the folder away"
            self.findings.fault(FOLDER, FaultCode.BAD_ACCESS, message)
        for name in names:
            if name not in _TABLES and not name.endswith((".cedar", ".md")):
                message = f"is no file of access: it reads {', '.join(sorted(_TABLES))} and *.cedar"
                self.findings.fault(f"{FOLDER}/{name}", FaultCode.BAD_ACCESS, message)

    def _file(self, name: str) -> Path:
        own = None if self.folder is None else self.folder / name
        return own if own is not None and own.exists() else _base() / name

    def _text(self, name: str) -> str | None:
        return read_text(self._file(name), f"{FOLDER}/{name}", self.findings)

    def _policies(self) -> str:
        own = [] if self.folder is None else sorted(self.folder.glob("*.cedar"))
        texts = []
        for path in own or [_base() / "base.cedar"]:
            file = f"{FOLDER}/{path.name}"
            text = read_text(path, file, self.findings) or ""
            fault = find_too_deep(text)
            try:
                PolicySet.from_str("" if fault else text)
            except ValueError as error:
                fault = f"does not parse: {error}"
            if fault is not None:
                self.findings.fault(file, FaultCode.BAD_ACCESS, fault)
            texts.append(text)
        return "\n".join(texts)

    def _tables(self, name: str) -> Iterator[tuple[str, Keys]]:
        """The tables of a TOML file, each under an id."""
        text, file = self._text(name), f"{FOLDER}/{name}"
        try:
            table = {} if text is None else tomllib.loads(text)
        except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
            self.findings.fault(file, FaultCode.BAD_TOML, f"is not TOML: {error}")
            return
        outer = Keys(table, "", self.findings, file=file)
        for key in table:
            yield from self._inner(outer, key)

    def _inner(self, outer: Keys, key: str) -> Iterator[tuple[str, Keys]]:
        if _ID.fullmatch(key):
            yield key, outer.inner(key)
        else:
            outer.fault(key, FaultCode.BAD_ID, "is no id: use small letters, digits and _, at most 64")

    def _roles(self) -> Iterator[Role]:
        for key, keys in self._tables(ROLES):
            yield Role(
                RoleId(key),
                keys.text("title", required=True) or key,
                keys.text("what", required=True) or "",
                _texts(keys, "groups"),
                keys.flag("emergencies"),
            )
            keys.close()

    def _datasets(self) -> Iterator[Dataset]:
        for key, keys in self._tables(DATASETS):
            days = keys.whole("retention_days", default=0, least=1, most=_MOST_DAYS)
            yield Dataset(
                DatasetId(key),
                keys.text("title", required=True) or key,
                {field.id: field for field in self._fields(keys)},
                timedelta(days=days) if days else None,
                _texts(keys, "concerns"),
                _texts(keys, "recipients"),
                keys.text("source") or "",
                tuple(PurposeId(purpose) for purpose in _texts(keys, "purposes")),
            )
            keys.close()

    def _fields(self, dataset: Keys) -> Iterator[DataField]:
        outer = dataset.inner("fields")
        for name in outer.table:
            for key, keys in self._inner(outer, name):
                if set(_NEVER.split()) & set(key.split("_")):
                    keys.fault("title", FaultCode.BAD_ACCESS, f"{key}: Tocsin never holds that, declared or not")
                level = keys.text("sensitivity", required=True)
                if level is not None and level not in set(Sensitivity):
                    keys.bad("sensitivity", f"{level!r} is none of {', '.join(Sensitivity)}")
                    level = None
                # What cannot be read is kept as closely as can be.
                sensitivity = Sensitivity.SPECIAL if level is None else Sensitivity(level)
                yield DataField(
                    FieldId(key), keys.text("title", required=True) or key, sensitivity, keys.text("why") or ""
                )
                keys.close()

    def _purposes(self) -> Iterator[Purpose]:
        words = read_vocabulary()
        for key, keys in self._tables(PURPOSES):
            iri, broader = keys.text("iri", required=True) or "", keys.text("broader")
            _check_iri(keys, iri, broader, words)
            bases = _terms(keys, "bases", words.bases, words.release)
            if not bases:
                keys.missing("bases", 'name a legal basis, such as bases = ["eu-gdpr:A6-1-e"]')
            special = _terms(keys, "special", words.special, words.release)
            title = keys.text("title", required=True) or key
            yield Purpose(PurposeId(key), title, iri, broader, bases, special)
            keys.close()


def _check_iri(keys: Keys, iri: str, broader: str | None, words: Vocabulary) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]*:[A-Za-z0-9_-]+", iri):
        keys.bad("iri", f"{iri!r} is no compact IRI: write dpv:Term, or a prefix and a term of your own")
    if iri.startswith("dpv:"):
        if iri not in words.purposes:
            keys.bad("iri", f"{iri!r} is no purpose of DPV {words.release} that Tocsin takes: see {VOCABULARY}")
    elif broader is None:
        keys.missing("broader", "a purpose of your own names the purpose of DPV that it is part of")
    if broader is not None and broader not in words.purposes:
        keys.bad("broader", f"{broader!r} is no purpose of DPV {words.release} that Tocsin takes: see {VOCABULARY}")


def _terms(keys: Keys, key: str, known: frozenset[str], release: str) -> tuple[BasisId, ...]:
    terms = _texts(keys, key)
    for term in terms:
        if term not in known:
            keys.bad(key, f"{term!r} is no term of DPV {release} for this: see {VOCABULARY}")
    return tuple(BasisId(term) for term in terms)


def _texts(keys: Keys, key: str) -> tuple[str, ...]:
    value = keys.take(key)
    if value is None:
        return ()
    if isinstance(value, list) and all(isinstance(text, str) and text.strip() for text in value):
        return tuple(value)
    keys.bad(key, f'is no list of texts: write {key} = ["…"]')
    return ()
