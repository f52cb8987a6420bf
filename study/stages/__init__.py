"""The stages of dvc.yaml, one module each: read, call, write."""

import study.pipeline.environment  # noqa: F401 - before any library reads it
