"""What leaves the house: every step of every request, full disks and crashes in between, and that it ends."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.gate import NOW, POLICY, Failing, somebody
from tocsin.accounting.access import BasisId, DatasetId, PurposeId
from tocsin.accounting.approvals import NEXT, Export, Made, Option, State, Step, read, written
from tocsin.accounting.entries import EntryKind
from tocsin.accounting.identity.principal import Principal
from tocsin.accounting.records import Record
from tocsin.accounting.uses import Refusal, RefusalCode
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.export import ExportShelf
from tocsin.desk.exports import SPACE, Exports
from tocsin.errors import BadSettings, LedgerFull, LogDamaged, NotFound
from tocsin.ports import Release

ANALYST, WATCH, OFFICER = map(somebody, ("analyst", "watch_officer", "data_protection_officer"))
UNTIL = NOW + timedelta(days=7)


@dataclass(frozen=True)
class Figures:
    """Implements `ports.Release`: one line of figures. `fails`: it cannot be made."""

    fails: bool = False
    what: str = "figures"
    title: str = "Figures"
    datasets: tuple[DatasetId, ...] = (DatasetId("calls"),)
    options: Mapping[str, str] = field(default_factory=lambda: {"k": "least count of a cell"})

    def find_fault(self, options: Mapping[str, Option]) -> str | None:
        return None if set(options) <= set(self.options) else "There is no such option."

    def release(self, approved: Export, into: Path) -> Made:
        if self.fails:
            raise BadSettings("nothing to count")
        (into / "figures.csv").write_text(f"for {approved.recipient}\n1\n")
        return Made(into / "figures.csv", "text/csv", 1, {"k": 10})


@dataclass
class Taken:
    """Implements `Standing`: who lost their role."""

    accounts: set[str] = field(default_factory=set)

    def refuses(self, who: Principal) -> str | None:
        return "The account no longer has this role." if who.account in self.accounts else None

    def knows(self, account: str) -> bool:
        return account not in self.accounts


class Room:
    """Exports over a ledger in memory that can be made to fail, and a clock."""

    def __init__(self, folder: Path, release: Release | None = None) -> None:
        self.fault: Exception | None = None
        self.ledger = Failing(lambda: self.fault)
        self.clock = FakeClock(NOW)
        self.folder = folder
        self.release = release or Figures()
        self.standing = Taken()
        self.exports = self.opened()

    def opened(self) -> Exports:
        return Exports(POLICY, self.ledger, self.clock, ExportShelf(self.folder), [self.release], self.standing)

    def ask(self, **changed: object) -> Export | Refusal:
        draft = Export(
            id="",
            what="figures",
            recipient="City archive",
            purpose=PurposeId("statistics"),
            basis=BasisId("eu-gdpr:A6-1-e-public-interest"),
            asked=NOW,
            expires=UNTIL,
            account=ANALYST.account,
            role=ANALYST.role,
            office=ANALYST.office,
            options={"k": 10},
        )
        return self.exports.ask(replace(draft, **changed), ANALYST)  # type: ignore[arg-type]

    def approved(self) -> str:
        export = self.ask()
        assert isinstance(export, Export)
        for who in (WATCH, OFFICER):
            assert isinstance(self.exports.decide(export.id, Step.APPROVE, who, "fine"), Export)
        return export.id

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def kinds(self) -> list[EntryKind]:
        return [entry.kind for entry in self.ledger.entries()]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "exports")


def code(found: object) -> RefusalCode | None:
    return found.code if isinstance(found, Refusal) else None


def test_each_step_is_an_entry_and_the_file_is_the_one_that_the_ledger_names(room: Room) -> None:
    export = room.approved()
    released = room.exports.release(export, ANALYST)
    assert isinstance(released, Export)
    assert released.left is not None
    found = room.exports.fetch(export, ANALYST)
    assert not isinstance(found, Refusal)
    path, left = found
    assert hashlib.sha256(path.read_bytes()).hexdigest() == left.sha256
    assert path.stat().st_mode & 0o777 == 0o600
    assert room.kinds() == [EntryKind.APPROVAL] * 3 + [EntryKind.EXPORT, EntryKind.APPROVAL]
    said = next(entry.body for entry in room.ledger.entries(3, 4))
    assert (said["sha256"], said["recipient"], said["k"], said["rows"]) == (left.sha256, "City archive", 10, 1)
    assert [vote["entry"] for vote in said["approved"]] == [1, 2]
    assert room.exports.get(export).entries == (0, 1, 2, 3, 4)


def test_an_approval_ends_with_the_role_in_which_it_was_given(room: Room) -> None:
    export = room.approved()
    room.standing.accounts.add(OFFICER.account)
    assert Step.RELEASE not in room.exports.can(room.exports.get(export), ANALYST)
    assert code(room.exports.release(export, ANALYST)) is RefusalCode.STEP_NOT_POSSIBLE
    assert (room.files(), room.kinds()[-1]) == ([], EntryKind.REFUSAL)
    room.standing.accounts.clear()
    assert isinstance(room.exports.release(export, ANALYST), Export)


def test_nobody_agrees_with_themselves_or_twice(room: Room) -> None:
    export = room.ask()
    assert isinstance(export, Export)
    own = replace(somebody("watch_officer"), account=ANALYST.account)
    assert code(room.exports.decide(export.id, Step.APPROVE, own)) is RefusalCode.OWN_REQUEST
    assert isinstance(room.exports.decide(export.id, Step.APPROVE, WATCH), Export)
    again = replace(somebody("data_protection_officer"), account=WATCH.account)
    assert code(room.exports.decide(export.id, Step.APPROVE, again)) is RefusalCode.VOTED
    same_role = replace(WATCH, account=OFFICER.account)
    assert code(room.exports.decide(export.id, Step.APPROVE, same_role)) is RefusalCode.VOTED
    assert code(room.exports.decide(export.id, Step.APPROVE, somebody("dispatcher"))) is RefusalCode.NOT_ALLOWED
    assert code(room.exports.release(export.id, ANALYST)) is RefusalCode.STEP_NOT_POSSIBLE
    assert room.kinds().count(EntryKind.REFUSAL) == 5


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", [Step.APPROVE, Step.REFUSE, Step.WITHDRAW])
def test_only_steps_of_the_table_are_taken(room: Room, state: State, step: Step) -> None:
    export = room.ask()
    assert isinstance(export, Export)
    room.ledger.append([], [Record(SPACE, export.id, written(replace(export, state=state)))]).result()
    who = ANALYST if step is Step.WITHDRAW else WATCH
    found = room.exports.decide(export.id, step, who)
    assert isinstance(found, Export) is ((state, step) in NEXT)


def test_a_full_disk_at_release_leaves_no_file_and_it_may_be_tried_again(room: Room) -> None:
    export = room.approved()
    room.fault = LedgerFull("no room")
    assert code(room.exports.release(export, ANALYST)) is RefusalCode.LEDGER_FULL
    assert room.files() == []
    room.fault = None
    assert isinstance(room.exports.release(export, ANALYST), Export)
    room.fault = LedgerFull("no room")
    assert code(room.exports.fetch(export, ANALYST)) is RefusalCode.LEDGER_FULL


def test_what_a_crash_left_before_the_entry_is_removed_at_the_next_start(room: Room) -> None:
    export = room.approved()
    into = room.folder / export
    into.mkdir(parents=True)
    (into / "figures.csv").write_text("made, and never written down")
    again = room.opened()
    assert room.files() == []
    assert again.get(export).state is State.APPROVED
    assert isinstance(again.release(export, ANALYST), Export)
    room.opened()
    assert len(room.files()) == 1


def test_what_cannot_be_made_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    room = Room(tmp_path / "exports", Figures(fails=True))
    export = room.approved()
    failed = room.exports.release(export, ANALYST)
    assert isinstance(failed, Export)
    assert (failed.state, failed.why_failed) == (State.FAILED, "nothing to count")
    assert room.files() == []
    assert Step.RELEASE in room.exports.can(failed, ANALYST)


def test_after_its_time_the_file_is_gone_and_the_ledger_says_which(room: Room) -> None:
    export = room.approved()
    released = room.exports.release(export, ANALYST)
    assert isinstance(released, Export)
    assert released.left is not None
    room.clock.move_to(UNTIL - timedelta(seconds=1))
    assert room.exports.expire() == 0
    room.clock.move_to(UNTIL)
    room.fault = LedgerFull("no room")
    assert room.exports.expire() == 0
    assert room.files() == [], "deleted also where it cannot be written down yet"
    room.fault = None
    assert room.exports.expire() == 1
    assert room.exports.expire() == 0
    last = list(room.ledger.entries())[-1]
    assert last.kind is EntryKind.EXPIRY
    assert last.body["digest"] == released.left.sha256
    assert code(room.exports.fetch(export, ANALYST)) is RefusalCode.NOT_RELEASED


def test_a_request_that_nobody_answered_ends_too(room: Room) -> None:
    export = room.ask()
    assert isinstance(export, Export)
    room.clock.move_to(UNTIL)
    assert code(room.exports.decide(export.id, Step.APPROVE, WATCH)) is RefusalCode.STEP_NOT_POSSIBLE
    assert room.exports.get(export.id).state is State.EXPIRED
    assert EntryKind.EXPIRY not in room.kinds()


def test_a_file_that_was_changed_does_not_leave(room: Room) -> None:
    export = room.approved()
    room.exports.release(export, ANALYST)
    room.files()[0].write_text("more than was approved")
    with pytest.raises(LogDamaged, match="not what was released"):
        room.exports.fetch(export, ANALYST)


def test_what_nobody_asked_for_is_unknown(room: Room) -> None:
    with pytest.raises(NotFound):
        room.exports.release("nothing", ANALYST)
    assert code(room.ask(options={"all": True})) is RefusalCode.BAD_OPTIONS
    assert code(room.ask(what="everything")) is RefusalCode.UNKNOWN_EXPORT
    assert code(room.ask(expires=NOW)) is RefusalCode.BAD_EXPIRY


OPTIONS = st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5))


@given(OPTIONS, st.text(max_size=20), st.sampled_from(State))
def test_what_is_kept_reads_back_as_it_was(options: dict[str, Option], reason: str, state: State) -> None:
    basis, purpose = BasisId("b"), PurposeId("p")
    export = Export(
        "x", "figures", "R", purpose, basis, NOW, UNTIL, ANALYST.account, ANALYST.role, "O", reason, options, state
    )
    assert read(written(export)) == export
