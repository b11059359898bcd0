"""Strategies side by side: baselines and ours, tuned on learning calls alone, and how sure the difference is."""
