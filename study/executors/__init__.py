"""Where runs are trained and features extracted: in this process, or by the workers of a Dask cluster."""

import study.pipeline.environment  # noqa: F401 - before any library reads it
