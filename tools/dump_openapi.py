"""Write docs/reference/openapi.json. The console's client and the API's reference page are made from it."""

from __future__ import annotations

import json
from pathlib import Path

from tocsin.web.app import api_document

TARGET = Path(__file__).resolve().parent.parent / "docs" / "reference" / "openapi.json"


def written() -> str:
    """The document as the file holds it."""
    return json.dumps(api_document(), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(written(), encoding="utf-8")
    print(f"wrote {TARGET.name}")


if __name__ == "__main__":
    main()
