"""Looks through every value of a pack's files for what identifies persons, read by Tocsin or not.

A pack is data that is handed on, so what lies in a column that Tocsin passes over matters too. What stands in a column
that Tocsin reads is a fault, what stands elsewhere a warning; each names file, column and number of rows and shows one
example, masked. Time is bounded: of each column at most `MOST_VALUES` different values are looked at, spread evenly,
and at most `MOST_CHECKED` of them go through the rules of a register.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
from stdnum import iban
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cpf
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.ee import ik
from stdnum.es import dni
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.persons import EMAIL, PLATE, PLATE_SHARE, is_personal_column
from tocsin.adapters.packs.report import Findings

MOST_VALUES: Final = 200_000
MOST_CHECKED: Final = 2_000
MOST_BYTES: Final = 256 * 2**20
"""Of a CSV or GeoJSON file; a larger one is said not to have been looked through."""
_LEAST = 3
"""Values that must look so before a weak sign counts: one of many ids looks like anything by chance."""
_SHARE = 0.8
"""Of a column that pass a checksum: one digit of check lets a tenth of all numbers through."""
_PHONE = (
    r"^(?:tel\.?:? ?)?(?:\+\d{1,3}[ ()/.-]?(?:\(?\d{1,4}\)?[ /.-]?){2,5}\d{2,4}"
    r"|00[1-9]\d[\d]*[ /.-][\d ()/.-]{5,}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
    r"|0\d{1,4}[ /-]\d{2,4}[ -]?\d{2,4}[ -]?\d{2,4})$"
)
_SSN = r"^\d{3}-\d{2}-\d{4}$"
_BIRTH = r"^(?:19\d\d|200\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$|^[0-3]?\d[./][01]?\d[./](?:19\d\d|200\d)$"


@dataclass(frozen=True, slots=True)
class _Sign:
    """`least`: share of the column's values that must match before it counts."""

    what: str
    pattern: str
    least: float = 0.0
    strong: bool = True
    """Whether one match alone says it."""


_SIGNS: Final = (
    _Sign("e-mail addresses", EMAIL),
    _Sign("telephone numbers", _PHONE),
    _Sign("number plates", PLATE, PLATE_SHARE, strong=False),
    _Sign("social security numbers", _SSN, 0.5, strong=False),
    _Sign("dates of birth", _BIRTH, 0.8, strong=False),
)


@dataclass(frozen=True, slots=True)
class _Number:
    """A register of persons whose numbers carry a check. `shape` sorts out most of what cannot be one. `alone`: a match
    is no chance (letters, a date inside, two check digits), else nearly all of the column must match."""

    what: str
    shape: str
    is_valid: Callable[[str], bool]
    alone: bool


_NUMBERS: Final = (
    _Number("bank accounts (IBAN)", r"^[A-Z]{2}\d{2}[ ]?[A-Z0-9 ]{11,38}$", iban.is_valid, alone=True),
    _Number("Italian tax codes", r"^[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]$", codicefiscale.is_valid, alone=True),
    _Number("Finnish personal codes", r"^\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]$", hetu.is_valid, alone=True),
    _Number("Swedish personal numbers", r"^(?:\d{2})?\d{6}[-+]\d{4}$", personnummer.is_valid, alone=False),
    _Number("Norwegian birth numbers", r"^\d{6} ?\d{5}$", fodselsnummer.is_valid, alone=False),
    _Number("German tax ids", r"^\d{2} ?\d{3} ?\d{3} ?\d{3}$", idnr.is_valid, alone=False),
    _Number("Spanish identity numbers", r"^\d{8}-?[A-Z]$", dni.is_valid, alone=False),
    _Number(
        "French social security numbers",
        r"^[12] ?\d{2} ?\d{2} ?[0-9AB]{2} ?\d{3} ?\d{3} ?\d{2}$",
        nir.is_valid,
        alone=False,
    ),
    _Number("Belgian national numbers", r"^\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}$", nn.is_valid, alone=False),
    _Number("Polish PESEL", r"^\d{11}$", pesel.is_valid, alone=False),
    _Number("Estonian or Lithuanian personal codes", r"^[1-6]\d{10}$", ik.is_valid, alone=False),
    _Number("Romanian CNP", r"^[1-9]\d{12}$", cnp.is_valid, alone=False),
    _Number("Bulgarian EGN", r"^\d{10}$", egn.is_valid, alone=False),
    _Number("British NHS numbers", r"^\d{3} ?\d{3} ?\d{4}$", nhs.is_valid, alone=False),
    _Number("Turkish identity numbers", r"^[1-9]\d{10}$", tckimlik.is_valid, alone=False),
    _Number("Brazilian CPF", r"^\d{3}\.\d{3}\.\d{3}-\d{2}$", cpf.is_valid, alone=True),
    _Number("Chinese identity numbers", r"^\d{17}[0-9X]$", ric.is_valid, alone=True),
)


def scan_pack(
    folder: Path,
    read: Mapping[str, frozenset[str]],
    findings: Findings,
    sealed: Mapping[str, frozenset[str]] | None = None,
) -> None:
    """Look through every CSV, Parquet and GeoJSON file of a pack.

    Args:
        read: by file, the columns or properties that Tocsin reads.
        sealed: by file, the columns that `access/` declares as sealed: they are passed over.
    """
    for path in sorted(folder.glob("*")):
        known = read.get(path.name, frozenset())
        declared = (sealed or {}).get(path.name, frozenset())
        for name, values in _columns(path, findings):
            if name in declared:
                continue
            for what, count, example in find_persons(values):
                _tell(path.name, name, what, count, example, name in known, findings)
            # The names of columns in files that Tocsin reads are told by their reader; nobody else opens the rest.
            if path.name not in read:
                _tell_name(path.name, name, len(values), findings)


def _tell(file: str, column: str, what: str, count: int, example: str, is_read: bool, findings: Findings) -> None:
    message = f"holds what looks like {what} in {count} rows, such as {example}"
    if is_read:
        findings.fault(file, FaultCode.PERSONAL_VALUE, f"{message}: take them out of the pack", column=column)
    else:
        advice = "Tocsin does not read it, and whoever gets the pack does: take it out"
        findings.warn(file, WarningCode.PERSONAL_COLUMN, f"{message}; {advice}", column=column, count=count)


def _tell_name(file: str, column: str, count: int, findings: Findings) -> None:
    if is_personal_column(column):
        message = f"the column {column} may carry persons; Tocsin does not read the file: leave it out of the pack"
        findings.warn(file, WarningCode.PERSONAL_COLUMN, message, column=column, count=count)


def find_persons(values: pl.Series) -> Iterator[tuple[str, int, str]]:
    """What a column's texts look like, in how many rows, and one of them masked.

    Args:
        values: texts; null counts as nothing.
    """
    counts = values.drop_nulls().str.strip_chars().value_counts(name="rows")
    counts = counts.filter(pl.col(values.name).str.len_chars() > 0)
    if counts.height > MOST_VALUES:
        counts = counts.gather_every(-(-counts.height // MOST_VALUES))
    texts, rows = counts[values.name], counts["rows"]
    if not len(texts):
        return
    for sign in _SIGNS:
        hits = texts.str.contains(sign.pattern)
        found = int(hits.sum())
        if found >= (1 if sign.strong else _LEAST) and found >= sign.least * len(texts):
            yield sign.what, int(rows.filter(hits).sum()), mask(str(texts.filter(hits)[0]))
    yield from _numbers(texts, rows)


def _numbers(texts: pl.Series, rows: pl.Series) -> Iterator[tuple[str, int, str]]:
    """Numbers of registers of persons. A column is one kind of number, so the first that fits is told."""
    for number in _NUMBERS:
        shaped = texts.str.contains(number.shape)
        count = int(shaped.sum())
        if count < (1 if number.alone else _LEAST) or count < (0.0 if number.alone else _SHARE) * len(texts):
            continue
        some = texts.filter(shaped)
        some = some.gather_every(-(-len(some) // MOST_CHECKED))
        valid = [text for text in some if _holds(number, text)]
        if len(valid) >= (1 if number.alone else max(_LEAST, _SHARE * len(some))):
            yield number.what, round(int(rows.filter(shaped).sum()) * len(valid) / len(some)), mask(valid[0])
            return


def _holds(number: _Number, text: str) -> bool:
    """Whether the register's rules accept it. Some of python-stdnum's trip over numbers that they should refuse."""
    try:
        return number.is_valid(text)
    except (LookupError, TypeError, ValueError):
        return False


def mask(text: str) -> str:
    """A text with all letters and digits but the first hidden, at most 24 characters: enough to find it, not to use."""
    hidden = text[0] + re.sub(r"[^\W_]", "•", text[1:24])
    return repr(hidden + ("…" if len(text) > 24 else ""))


def _columns(path: Path, findings: Findings) -> Iterator[tuple[str, pl.Series]]:
    """The columns of texts of a file; none of one that its own reader cannot read either."""
    if path.suffix not in (".csv", ".parquet", ".geojson") or not path.is_file():
        return
    try:
        if path.suffix == ".parquet":
            yield from _of_parquet(path)
        elif path.stat().st_size > MOST_BYTES:
            message = f"is over {MOST_BYTES // 2**20} MiB and was not looked through for persons: use Parquet"
            findings.warn(path.name, WarningCode.NOT_SCANNED, message)
        elif path.suffix == ".csv":
            yield from _of_csv(path)
        else:
            yield from _of_geojson(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, RecursionError):
        return


def _of_parquet(path: Path) -> Iterator[tuple[str, pl.Series]]:
    lazy = pl.scan_parquet(path)
    for name, dtype in lazy.collect_schema().items():
        if dtype in (pl.String, pl.Categorical, pl.Enum) or dtype.is_integer():
            yield name, lazy.select(pl.col(name).cast(pl.String)).collect()[name]


def _of_csv(path: Path) -> Iterator[tuple[str, pl.Series]]:
    table = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    yield from ((name, table[name]) for name in table.columns)


def _of_geojson(path: Path) -> Iterator[tuple[str, pl.Series]]:
    document = json.loads(path.read_bytes())
    features = document.get("features", []) if isinstance(document, dict) else []
    columns: dict[str, list[str | None]] = {}
    for feature in features if isinstance(features, list) else []:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        for name, value in (properties if isinstance(properties, dict) else {}).items():
            text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
            columns.setdefault(name, []).append(text)
    yield from ((name, pl.Series(name, values, pl.String)) for name, values in columns.items())
