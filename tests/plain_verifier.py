"""`tools/verify_log.py` as a module: the verifier that shares nothing with the package."""

from __future__ import annotations

from base64 import b64encode
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

SCRIPT = Path(__file__).resolve().parents[1] / "tools" / "verify_log.py"


def load() -> ModuleType:
    spec = spec_from_file_location("verify_log", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLAIN = load()


def verify_plainly(folder: Path, key: str | None = None) -> dict[str, Any]:
    """What the script prints of a published folder."""
    log = PLAIN.Log(folder)
    held = log.audit(key)
    bad = [{"kind": kind, "index": index} for index, kind in sorted(log.faults)]
    root = None if log.root is None else b64encode(log.root).decode()
    first = bad[0] if bad else None
    return {"ok": not bad, "size": log.size, "root": root, "first_bad": first, "checkpoints": held}
