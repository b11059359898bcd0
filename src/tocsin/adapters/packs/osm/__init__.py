"""Makes a city pack of an extract of OpenStreetMap. Needs the extra `osm` (pyogrio with GDAL's OSM driver)."""

from __future__ import annotations

from tocsin.adapters.packs.osm.pack import write_osm_pack

__all__ = ["write_osm_pack"]
