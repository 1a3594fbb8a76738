"""The template under test, expanded once per session."""

import pytest
from contract.template.expansion import TEMPLATE, Template, expand


@pytest.fixture(scope="session")
def template() -> Template:
    """infra/template.yaml with its expansion."""
    (expansion,) = expand([TEMPLATE.read_text(encoding="utf-8")])
    if isinstance(expansion, Exception):
        raise expansion
    return expansion
