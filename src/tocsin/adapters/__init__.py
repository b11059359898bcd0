"""The outside world: feeds, packs, stores, clocks, exports."""
