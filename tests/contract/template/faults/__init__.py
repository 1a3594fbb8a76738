"""Faults to plant: the text in a template, what it becomes, and a word of the sentence that must name it."""

from contract.template.faults import application, operation, surroundings

FAULTS: dict[str, tuple[str, str, str]] = {
    **application.FAULTS,
    **surroundings.FAULTS,
    **operation.FAULTS,
}
