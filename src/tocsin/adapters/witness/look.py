"""One look of a witness at a log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.accounting.audit import HEAD_PATH
from tocsin.accounting.checkpoints import SignedCheckpoint, open_checkpoint
from tocsin.accounting.leaves import PublishedLog
from tocsin.accounting.notes import MOST_NOTE_BYTES, SignedNote, SigningKey, VerifierKey, encode_base64
from tocsin.accounting.witnessing import Verdict, cosign, judge_by_tiles
from tocsin.adapters.witness.folder import WitnessFolder
from tocsin.errors import BadProof, BadSettings

_WHY = {
    Verdict.ROLLED_BACK: "the log shows fewer entries than it had signed before",
    Verdict.FORKED: "the log signed two histories that do not fit together",
    Verdict.UNPROVEN: "the log's tiles do not prove that it only added to what was seen before",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one look at a log."""

    verdict: str
    """Of `Verdict`, or `unsigned`."""
    size: int | None = None
    root: bytes | None = None
    cosignature: str | None = None
    why: str | None = None
    evidence: Path | None = None
    """Folder with both heads, where they were kept."""

    def as_json(self, witness: VerifierKey) -> dict[str, Any]:
        return {
            "ok": self.cosignature is not None,
            "verdict": self.verdict,
            "size": self.size,
            "root": None if self.root is None else encode_base64(self.root),
            "cosignature": self.cosignature,
            "why": self.why,
            "evidence": None if self.evidence is None else str(self.evidence),
            "witness": witness.text,
        }


def look_once(log: PublishedLog, watched: VerifierKey, folder: WitnessFolder, own: SigningKey, at_s: int) -> Look:
    """Fetch the newest checkpoint, judge it against the one seen last, and cosign it or keep the proof.

    Raises: BadSettings where the witness's own memory cannot be used.
    """
    note = log.read(HEAD_PATH, MOST_NOTE_BYTES) or b""
    try:
        new = open_checkpoint(note, watched)
    except BadProof as error:
        return Look("unsigned", why=str(error))
    origin, head = new.checkpoint.origin, new.checkpoint
    kept = folder.find_seen(origin)
    seen = None if kept is None else _remembered(kept, watched, own, at_s)
    verdict = judge_by_tiles(None if seen is None else seen.checkpoint, head, log)
    if not verdict.is_cosigned:
        evidence = None
        if kept is not None and verdict is not Verdict.UNPROVEN:
            evidence = folder.keep_refused(origin, kept, note)
        return Look(verdict, head.size, head.root, why=_WHY[verdict], evidence=evidence)
    signature = cosign(new, own, at_s)
    by_the_log = tuple(each for each in new.note.signatures if each.by(watched))
    folder.keep_seen(origin, SignedNote(new.note.text, (*by_the_log, signature)).written)
    return Look(verdict, head.size, head.root, signature.line)


def _remembered(note: bytes, watched: VerifierKey, own: SigningKey, at_s: int) -> SignedCheckpoint:
    try:
        seen = open_checkpoint(note, watched, [own.verifier], where="what was seen last")
    except BadProof as error:
        raise BadSettings(f"the witness's memory cannot be used ({error}): put its folder back from a copy") from error
    last_s = max((s.seen_at_s for s in seen.note.signatures if s.by(own.verifier)), default=0)
    if at_s < last_s:
        raise BadSettings("the machine's clock is before the witness's last cosignature: set it right")
    return seen
