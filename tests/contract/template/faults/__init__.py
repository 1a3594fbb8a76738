"""Faults to plant: the text in a template, its replacement, and words of the sentence that must report it."""

from contract.template.faults import application, operation, surroundings

FAULTS: dict[str, tuple[str, str, str]] = {
    **application.FAULTS,
    **surroundings.FAULTS,
    **operation.FAULTS,
}
