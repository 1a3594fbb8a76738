"""What makes an environment start sooner."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """For the length of the imports: next to nothing that they make is garbage.

    Looking for it again and again took a third of the API's initialisation (ADR 0034). What is there at the
    end stays out of later collections too.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
