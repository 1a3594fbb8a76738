"""Shortens the initialization of an environment."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Disable garbage collection during imports, which create almost no garbage.

    The collections took a third of the API's initialization (ADR 0034). Objects that exist at the end are
    left out of later collections too.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
