"""Each fault is planted in the template's text, and the rules must find it.

A fault is one replacement in a template of infra/; a text that is not there exactly once fails the test, so
that no fault is lost when the template changes.
"""

import pytest
from contract.template.expansion import ExpansionError, Template, expand, read_templates
from contract.template.faults import FAULTS
from contract.template.rules import RULES


@pytest.fixture(scope="session")
def planted() -> dict[str, Template | ExpansionError]:
    """Expand each faulty template, all in one process."""
    templates = read_templates()
    faulty = {}
    for name, (before, after, _) in FAULTS.items():
        places = [file for file, text in templates.items() for _ in range(text.count(before))]
        assert len(places) == 1, f"{name}: the templates must hold {before!r} exactly once"
        faulty[name] = {**templates, places[0]: templates[places[0]].replace(before, after)}
    return dict(zip(faulty, expand(list(faulty.values())), strict=True))


@pytest.mark.parametrize("name", FAULTS)
def test_the_rules_find(name: str, planted: dict[str, Template | ExpansionError]) -> None:
    template = planted[name]
    if isinstance(template, ExpansionError):  # the translator finds it itself
        found = [str(template)]
    else:
        found = [fault for rule in RULES for fault in rule(template)]

    word = FAULTS[name][2]
    assert any(word in fault for fault in found), f"expected a sentence with {word!r}, found: {found}"


def test_every_rule_finds_a_fault(planted: dict[str, Template | ExpansionError], template: Template) -> None:
    faulty = [other for other in planted.values() if isinstance(other, Template)]

    blind = {
        rule.__name__ for rule in RULES if all(list(rule(other)) == list(rule(template)) for other in faulty)
    }

    assert blind == set()
