"""What `tocsin plan stations` is asked: stations and areas by name, units as `2@STATION:night`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tocsin.errors import BadSettings
from tocsin.model.city import City
from tocsin.planning.location.deployment import Objective
from tocsin.rehearsal.towns.ground import MOST_POSTS


@dataclass(frozen=True, slots=True)
class Asked:
    """`merge`: pairs of districts or areas that answer together from now on. `sites`: how many new stations.
    `simulate`: try every plan in the simulated city, and one that was tuned there."""

    close: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    merge: tuple[tuple[str, str], ...] = ()
    sites: int | None = None
    objectives: tuple[Objective, ...] = tuple(Objective)
    zone_m: float = 700.0
    simulate: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One station closed, or so many units more (fewer where negative) there, at night alone where said."""

    station: int
    close: bool = False
    units: int = 0
    night: bool = False


def station_names(city: City) -> tuple[str, ...]:
    """Ids of the stations, in the order of the simulator's: of a pack without any, the areas that stand in."""
    if city.stations:
        return tuple(str(station) for station in city.stations)
    ranked = sorted(city.areas.values(), key=lambda area: -(area.population or 0))
    return tuple(f"{area.area}" for area in ranked[:MOST_POSTS])


def changes_of(city: City, names: tuple[str, ...], asked: Asked) -> tuple[Change, ...]:
    """What changes, in the order of the command line: closings first. Raises: BadSettings naming what cannot be."""
    closed = [Change(_station(city, names, "--close", station), close=True) for station in asked.close]
    if len({change.station for change in closed}) >= len(names) and not asked.sites:
        raise BadSettings("--close: every station would be closed: leave one open at least")
    added = [_addition(city, names, text) for text in asked.add]
    shut = {change.station for change in closed}
    for text, change in zip(asked.add, added, strict=True):
        if change.station in shut and change.units > 0:
            raise BadSettings(f"--add {text}: that station is closed by --close: name another")
    return (*dict.fromkeys(closed), *added)


def _addition(city: City, names: tuple[str, ...], text: str) -> Change:
    found = re.fullmatch(r"([+-]?\d{1,3})@(.+?)(?::(night))?", text)
    if found is None or int(found[1]) == 0:
        raise BadSettings(f"--add {text}: write it like 1@STATION, 2@STATION:night or -1@STATION")
    return Change(_station(city, names, f"--add {text}", found[2]), units=int(found[1]), night=found[3] is not None)


def _station(city: City, names: tuple[str, ...], option: str, asked: str) -> int:
    """By id, else by name in any case, else by number: 7 is the station 07, where one alone is meant."""
    if asked in names:
        return names.index(asked)
    titles = {station.name.casefold(): str(key) for key, station in city.stations.items()}
    found = titles.get(asked.casefold())
    if found is not None:
        return names.index(found)
    numbered = [row for row, name in enumerate(names) if asked.isdecimal() and name.lstrip("0") == asked.lstrip("0")]
    if len(numbered) != 1:
        raise BadSettings(f"{option}: there is no station {asked!r}; there are: {', '.join(names)}")
    return numbered[0]


def area_rows(city: City, asked: str) -> list[int]:
    """Rows of an area by id or name, or of all areas of a district. Raises: BadSettings."""
    wanted = asked.casefold()
    areas = list(city.areas.values())
    rows = [i for i, area in enumerate(areas) if wanted in (str(area.area).casefold(), area.name.casefold())]
    rows = rows or [
        i for i, area in enumerate(areas) if area.district is not None and wanted == area.district.casefold()
    ]
    if not rows:
        districts = sorted({area.district for area in areas if area.district})
        known = ", ".join([*districts, *(str(area.area) for area in areas)])
        raise BadSettings(f"--merge: there is no district or area {asked!r}; there are: {known}")
    return rows


def merges_of(city_parts: list[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of `--merge A,B`. Raises: BadSettings for what is no pair."""
    pairs = []
    for text in city_parts:
        sides = [side.strip() for side in text.split(",")]
        if len(sides) != 2 or not all(sides) or sides[0].casefold() == sides[1].casefold():
            raise BadSettings(f"--merge {text}: name two districts or areas with a comma between")
        pairs.append((sides[0], sides[1]))
    return tuple(pairs)
