"""Makes a city pack of a model of JEMSS.jl. Source: Ridler, Mason, Raith 2022, European Journal of Operational Research
298(3)."""

from __future__ import annotations

from tocsin.adapters.packs.jemss.pack import load_jemss, write_jemss_pack

__all__ = ["load_jemss", "write_jemss_pack"]
