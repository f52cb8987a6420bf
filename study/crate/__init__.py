"""A study as a Workflow Run RO-Crate: its files and what dvc.lock records in, one archive out."""
