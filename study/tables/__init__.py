"""The tables that cross a stage: their columns and how a table is checked, written and read."""
