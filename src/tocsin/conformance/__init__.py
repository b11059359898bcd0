"""What every plug-in must keep. Shipped, so that outsiders hold theirs to it too; needs no test framework."""

from tocsin.conformance.promise import Broken, expect, expect_raises

__all__ = ["Broken", "expect", "expect_raises"]
