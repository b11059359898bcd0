"""Logs of earlier versions stay readable: bodies as they were written then, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.scene import Scene
from tocsin.adapters.stores.codec import KINDS, decode_event
from tocsin.adapters.stores.former import FORMER
from tocsin.errors import LogDamaged
from tocsin.model.events import Decided, WarningLifted, WarningProposed
from tocsin.model.ids import CommandId
from tocsin.model.warnings import WarningKind, WarningState

RAISED = bytes.fromhex(
    "81a77761726e696e6789a77761726e696e67bb73757267653a636974793a3230313730313031543038303030305aa46b696e64a5737572"
    "6765a6726169736564d6ff5868c510a4686f7572d6ff5868b700a461726561c0a86f6273657276656428a36c6f770ca46869676818a663"
    "68616e6365cb3f847ae147ae147b"
)
"""`WarningRaised` of version 0.1: 40 calls in the hour from 08:00, 12 to 24 expected, chance .01."""
LIFTED = bytes.fromhex("81a77761726e696e67bb73757267653a636974793a3230313730313031543038303030305a")


def test_a_warning_of_before_comes_back_as_a_proposal() -> None:
    event = decode_event("WarningRaised", RAISED, 1)
    assert isinstance(event, WarningProposed)
    warned, hour = event.warning, datetime(2017, 1, 1, 8, tzinfo=UTC)
    assert (warned.kind, warned.state, warned.area) == (WarningKind.SURGE, WarningState.PROPOSED, None)
    assert (warned.starts, warned.proposed) == (hour, hour + timedelta(hours=1))
    assert warned.chance == pytest.approx(0.99)
    (line,) = warned.evidence
    assert (line.code, line.values["observed"], line.values["low"], line.values["high"]) == (
        "evidence_hour",
        40,
        12,
        24,
    )


def test_it_is_lifted_as_it_was() -> None:
    raised, lifted = decode_event("WarningRaised", RAISED, 1), decode_event("WarningLifted", LIFTED, 2)
    assert isinstance(raised, WarningProposed)
    assert lifted == WarningLifted(raised.warning.warning)
    scene = Scene()
    scene.record(CommandId("r"), [Decided(raised)], raised.warning.proposed)
    scene.record(CommandId("l"), [Decided(lifted)], raised.warning.proposed)
    assert scene.situation.warnings[raised.warning.warning].state is WarningState.LIFTED


def test_nothing_writes_them_any_more() -> None:
    assert set(FORMER).isdisjoint(KINDS)


def test_a_damaged_body_says_so() -> None:
    with pytest.raises(LogDamaged, match="event 7"):
        decode_event("WarningRaised", RAISED[:-3], 7)
