"""Strategies side by side on packs: `tocsin bench strategy`."""
