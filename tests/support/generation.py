"""Generated data that is the same whatever else is tested in the process."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis.internal.conjecture import providers


@contextmanager
def independent_of_the_code() -> Iterator[None]:
    """Keep Hypothesis from drawing the literals of all local modules that happen to be imported.

    It has no setting for that; with them `derandomize` gives one file other data than the whole suite.
    """
    none = providers.Constants()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", lambda: none)
        providers.CONSTANTS_CACHE.cache.clear()
        yield
    providers.CONSTANTS_CACHE.cache.clear()
