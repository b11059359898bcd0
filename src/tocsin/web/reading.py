"""Bytes to commands. What cannot be read becomes a `Quarantine` with its bytes: nothing is lost.

The structs say the same as `schema.ReportCallIn` and `ReportMarkIn`, which are what the API document shows; a test
holds them together. They exist because this door must read 10,000 reports a second and more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from tocsin.errors import BadReport
from tocsin.model.commands import Command, Quarantine, ReportCall, ReportMark
from tocsin.model.ids import AreaId, CallId, CommandId, HospitalId, UnitId
from tocsin.model.marks import Mark
from tocsin.model.origin import Origin
from tocsin.model.place import Point
from tocsin.web.vetting import Vetting, has_control

FIRST_YEAR, LAST_YEAR = 1970, 2199
UNREADABLE = "unreadable"
PERSONAL = "personal_value"

_Id = Annotated[str, Meta(min_length=1, max_length=64)]
_Short = Annotated[str, Meta(max_length=64)]
_Key = Annotated[str, Meta(max_length=128)]
_Time = Annotated[datetime, Meta(tz=True)]
_CALL_IDS = ("call", "area", "incident", "id")
_MARK_IDS = ("call", "unit", "hospital", "id")


class CallIn(Struct, forbid_unknown_fields=True, frozen=True, tag="call", tag_field="type", omit_defaults=True):
    """A call as a machine reports it."""

    call: _Id
    received: _Time
    kind: Annotated[str, Meta(min_length=1, max_length=120)]
    priority: Annotated[int, Meta(ge=1, le=9)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    area: _Short | None = None
    incident: _Short | None = None
    id: _Key | None = None


class MarkIn(Struct, forbid_unknown_fields=True, frozen=True, tag="mark", tag_field="type", omit_defaults=True):
    """A unit's mark on a call."""

    call: _Id
    unit: _Id
    mark: Mark
    at: _Time
    hospital: _Short | None = None
    id: _Key | None = None


class Read(NamedTuple):
    """One report as read. `key`: the idempotency key that its sender knows it by; `where`: its place in the input;
    `fault`: why it is a Quarantine, under `code`."""

    command: Command
    key: str
    where: str
    fault: BadReport | None = None
    code: str = UNREADABLE


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads reports that come in over HTTP, under one origin.

    Args:
        vetting: what may go into the open log.
        secret: keys the digests in the ids of reports. Ids are open, and exact places are not: without a key the
            place could be guessed until the digest fits. Where it changes, repeats are known by their content.
    """

    origin: Origin
    vetting: Vetting = field(default_factory=Vetting)
    secret: bytes = field(default=b"", repr=False)

    def of(self, origin: Origin) -> Reader:
        """The same, for reports of another origin."""
        return replace(self, origin=origin)

    def read_call(self, raw: bytes) -> Read:
        """A body that holds one call."""
        return self._read(_CALL, raw, "body", raw)

    def read_mark(self, raw: bytes) -> Read:
        """A body that holds one mark."""
        return self._read(_MARK, raw, "body", raw)

    def read_batch(self, raw: bytes) -> list[Read]:
        """A JSON array, or one object a line. Blank lines count as lines and say nothing.

        Raises: BadReport when it is an array that cannot be told apart into reports.
        """
        text = raw.removeprefix(b"\xef\xbb\xbf")
        if text.lstrip(b" \t\r\n")[:1] == b"[":
            return self._read_array(text)
        lines = text.split(b"\n")
        return [self._read(_EITHER, line, f"line {n}", line) for n, line in enumerate(lines, 1) if line.strip()]

    def quarantine(self, fault: BadReport, raw: bytes, code: str = UNREADABLE) -> Read:
        """The bytes, to be kept with what is wrong with them."""
        key = "raw-" + self._digest(raw)
        command = Quarantine(CommandId(f"api:{key}"), self.origin, code, fault.where, fault.what, raw)
        return Read(command, key, fault.where, fault, code)

    def _read_array(self, text: bytes) -> list[Read]:
        try:
            parts = _ARRAY.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadReport("body", _what(error)) from error
        return [self._read(_EITHER, bytes(part), f"$[{n}]", bytes(part)) for n, part in enumerate(parts)]

    def _read(self, decoder: msgspec.json.Decoder[CallIn | MarkIn], text: bytes, where: str, raw: bytes) -> Read:
        try:
            said = decoder.decode(text)
            _check_ids(said, where)
            personal = self._find_personal(said, where)
            if personal is not None:
                return self.quarantine(personal, raw, PERSONAL)
            digest = self._digest(msgspec.json.encode(said))
            # The content is part of the id: a key that is used again for something else hides nothing.
            name = f"{said.id}@{digest}" if said.id else digest
            command = self._command(said, CommandId(f"api:{name}"), where)
        except BadReport as fault:
            return self.quarantine(fault, raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self.quarantine(BadReport(where, _what(error)), raw)
        return Read(command, said.id or digest, where)

    def _command(self, said: CallIn | MarkIn, command: CommandId, where: str) -> Command:
        if isinstance(said, CallIn):
            kind = self.vetting.open_kind(said.kind)
            return ReportCall(
                id=command,
                origin=self.origin,
                call=CallId(said.call),
                received=_utc(said.received, where, "received"),
                kind=kind,
                priority=said.priority,
                place=_place(said, where),
                area=None if said.area is None else AreaId(said.area),
                incident=said.incident,
                sealed={} if kind == said.kind else {"kind": said.kind},
            )
        return ReportMark(
            id=command,
            origin=self.origin,
            call=CallId(said.call),
            unit=UnitId(said.unit),
            mark=said.mark,
            at=_utc(said.at, where, "at"),
            hospital=None if said.hospital is None else HospitalId(said.hospital),
        )

    def _find_personal(self, said: CallIn | MarkIn, where: str) -> BadReport | None:
        """The first id that may name a person. What is said of it does not repeat it."""
        for key, value in _ids_of(said):
            looks = self.vetting.find_personal(value)
            if looks is not None:
                return BadReport(
                    f"{where}, $.{key}", f"It looks like {looks}: give an id that says nothing of a person."
                )
        return None

    def _digest(self, raw: bytes) -> str:
        return hashlib.blake2b(raw, digest_size=16, key=self.secret).hexdigest()


def chunks(reads: list[Read], size: int) -> Iterator[list[Read]]:
    """The list in pieces of at most `size`."""
    for start in range(0, len(reads), size):
        yield reads[start : start + size]


def _place(said: CallIn, where: str) -> Point | None:
    if said.lon is None and said.lat is None:
        return None
    if said.lon is None or said.lat is None:
        missing = "lon" if said.lon is None else "lat"
        raise BadReport(f"{where}, $.{missing}", "A place wants both `lon` and `lat`; leave both out if it is unknown.")
    return Point(said.lon, said.lat)


def _utc(time: datetime, where: str, key: str) -> datetime:
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise BadReport(f"{where}, $.{key}", f"The year must lie between {FIRST_YEAR} and {LAST_YEAR}.")
    return time.astimezone(UTC)


def _ids_of(said: CallIn | MarkIn) -> Iterator[tuple[str, str]]:
    """Everything that the log would keep in the open as it came, by name."""
    for key in _CALL_IDS if isinstance(said, CallIn) else _MARK_IDS:
        value = getattr(said, key)
        if value is not None:
            yield key, value


def _check_ids(said: CallIn | MarkIn, where: str) -> None:
    for key, value in _ids_of(said):
        if has_control(value):
            raise BadReport(f"{where}, $.{key}", "An id holds no control characters.")


def _what(error: Exception) -> str:
    """What is wrong, for people, without repeating what was sent."""
    if isinstance(error, RecursionError):
        return "It is nested too deep."
    if isinstance(error, UnicodeDecodeError):
        return f"Not UTF-8: {error.reason}."
    text = str(error)
    if text.startswith("Invalid value") and "$.type" in text:
        return '`type` must be "call" or "mark", at `$.type`.'
    return text.replace(" - at `", ", at `") + "."


_CALL: msgspec.json.Decoder[CallIn | MarkIn] = msgspec.json.Decoder(CallIn)
_MARK: msgspec.json.Decoder[CallIn | MarkIn] = msgspec.json.Decoder(MarkIn)
_EITHER: msgspec.json.Decoder[CallIn | MarkIn] = msgspec.json.Decoder(CallIn | MarkIn)
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
