"""Arrays in, numbers out: no table, no name of a setting."""
