"""Figures: they draw numbers of tables and compute none."""
