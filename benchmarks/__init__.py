"""How much faster the study is than the same study in plain Keras, measured side by side."""

import study.pipeline.environment  # noqa: F401 - before any library reads it
