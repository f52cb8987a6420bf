"""The commands of ``study``, one module each."""

import study.pipeline.environment  # noqa: F401 - before any library reads it
