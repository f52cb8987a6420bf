"""Between the stages: their files, what these hold, where numbers come from, and the console."""
