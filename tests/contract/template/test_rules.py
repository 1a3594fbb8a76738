"""The template obeys each rule; test_planted_faults.py shows that the rules find faults."""

from collections.abc import Callable

import pytest
from contract.template.expansion import Faults, Template
from contract.template.rules import RULES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_template_obeys(rule: Callable[[Template], Faults], template: Template) -> None:
    assert list(rule(template)) == []
