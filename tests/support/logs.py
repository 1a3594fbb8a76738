"""The functions' log lines, as they write them."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from convoke.observability import make_logger


@contextmanager
def captured_logs(*services: str) -> Iterator[io.StringIO]:
    """The output of these services' loggers within the block.

    A logger holds on to the stream that was stdout when it was first made, and that may be closed by now: so
    it is given another one, without a flush of the old one.
    """
    stream = io.StringIO()
    handlers = [
        handler
        for service in services
        for handler in make_logger(service).handlers
        if isinstance(handler, logging.StreamHandler)
    ]
    assert len(handlers) == len(services)
    before = [handler.stream for handler in handlers]
    for handler in handlers:
        handler.stream = stream
    try:
        yield stream
    finally:
        for handler, old in zip(handlers, before, strict=True):
            handler.stream = old
