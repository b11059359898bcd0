"""Keep the tested versions in pyproject.toml, without a lock file that names hosts.

`write` resolves everything together and puts the result into `[tool.uv] constraint-dependencies`;
`check` fails when that list no longer is what the resolver gives.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = ROOT / "pyproject.toml"
BLOCK = re.compile(r"\n*\[tool\.uv\]\n.*?constraint-dependencies = \[\n.*?\n\]\n", re.DOTALL)
EXPORT = ["export", "--no-emit-project", "--no-hashes", "--no-annotate", "--no-header", "--all-groups", "--all-extras"]


def main(action: str) -> int:
    """Write or check the pins; the exit status."""
    uv = ROOT / ".venv" / "bin" / "uv"
    if action == "write":
        PYPROJECT.write_text(BLOCK.sub("", PYPROJECT.read_text()))
        (ROOT / "uv.lock").unlink(missing_ok=True)
    done = subprocess.run([uv, *EXPORT, "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr)
        return done.returncode
    pins = "".join(f'    "{line}",\n' for line in _quoted(done.stdout))
    block = (
        "\n\n[tool.uv]\n# Tested versions of everything, written by `make pins`. They bind a checkout only; "
        f"wheels keep the bounds above.\nconstraint-dependencies = [\n{pins}]\n"
    )
    text = PYPROJECT.read_text()
    if action == "write":
        PYPROJECT.write_text(text.rstrip("\n") + block)
        return 0
    found = BLOCK.search(text)
    if found is None or found.group(0).strip() != block.strip():
        print("pyproject.toml: constraint-dependencies are not what the resolver gives. Run: make pins")
        return 1
    return 0


def _quoted(exported: str) -> list[str]:
    return [line.strip().replace('"', "'") for line in exported.splitlines() if line.strip()]


if __name__ == "__main__":
    if sys.argv[1:] not in (["write"], ["check"]):
        sys.exit("usage: pins.py write|check")
    sys.exit(main(sys.argv[1]))
