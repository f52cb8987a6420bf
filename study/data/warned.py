"""What the image libraries warn of, counted instead of printed."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("imagecodecs", "PIL")


class _Counter(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the warnings of the image libraries, of all threads, in a list.

    To be entered in the main thread: the filters of ``warnings`` belong to the whole process.
    """
    heard: list[str] = []
    handler = _Counter(heard)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        with warnings.catch_warnings(record=True) as recorded:
            warnings.simplefilter("always")
            yield heard
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagate
        heard.extend(str(one.message) for one in recorded)
