"""What a data folder remembers of its city, so that an export needs no pack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import BadSettings
from tocsin.model.city import City, Service

CITY_FILE: Final = "city.json"
"""Name of the file in a data folder."""


def remember_city(data: Path, city: City) -> None:
    """Write title, time zone, names of areas and the service of each kind of call beside the log."""
    facts = {
        "name": city.name,
        "title": city.title,
        "timezone": city.timezone,
        "areas": {area.area: area.name for area in city.areas.values()},
        "services": services_of(city),
    }
    data.mkdir(parents=True, exist_ok=True)
    fresh = data / f"{CITY_FILE}.new"
    fresh.write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(data / CITY_FILE)


def find_city(data: Path) -> str | None:
    """Name of the city whose log lies in a data folder; None where nothing is remembered, or nothing legible."""
    try:
        return str(json.loads((data / CITY_FILE).read_text(encoding="utf-8"))["name"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def services_of(city: City) -> dict[str, Service | None]:
    """Kind of call to service. A kind whose cards disagree counts as unknown, which is the careful side."""
    services: dict[str, Service | None] = {}
    for card in city.call_kinds:
        known = services.setdefault(card.kind, card.service)
        services[card.kind] = card.service if card.service == known else None
    return services


def read_services(data: Path) -> Mapping[str, Service | None]:
    """Kind of call to service, as remembered; empty where nothing is.

    Raises: BadSettings for a file that cannot be read.
    """
    path = data / CITY_FILE
    try:
        services = json.loads(path.read_text(encoding="utf-8"))["services"]
        return {str(kind): None if name is None else Service(name) for kind, name in services.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSettings(
            f"{path} cannot be read ({error}): start the desk on this folder once more, which writes it anew, "
            "or delete it; without it every call is exported as a medical one"
        ) from error
