"""A deep-learning study run over several seeds, with an interval on every number."""
