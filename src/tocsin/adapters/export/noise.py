"""Noise for published counts, drawn by OpenDP: its own generator, safe against what floating point gives away.

Source: OpenDP, `make_laplace` over integers (discrete Laplace). The extra `privacy` brings it.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.errors import BadSettings


def noise_missing() -> str | None:
    """Why no noise can be drawn here, as a sentence; None: it can."""
    try:
        import opendp.prelude as dp
    except ImportError:
        return "noise wants OpenDP, which is not installed: install tocsin[privacy], or leave `epsilon` out"
    del dp
    return None


def add_noise(counts: Sequence[int], epsilon: float) -> list[int]:
    """The counts, each with discrete Laplace noise of scale `1 / epsilon`; they may become negative.

    Raises: BadSettings where OpenDP is missing.
    """
    why = noise_missing()
    if why is not None:
        raise BadSettings(why)
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    noisy = dp.m.make_laplace(*space, scale=1.0 / epsilon)
    found: list[int] = noisy(list(counts))
    return found
