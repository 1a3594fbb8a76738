"""The template under test, expanded once per session."""

import pytest
from contract.template.expansion import Template, expand, read_templates


@pytest.fixture(scope="session")
def template() -> Template:
    """infra/template.yaml with its nested stacks and its expansion."""
    (expansion,) = expand([read_templates()])
    if isinstance(expansion, Exception):
        raise expansion
    return expansion
