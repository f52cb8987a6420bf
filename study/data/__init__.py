"""Labelled images in three splits, from wherever they come."""
