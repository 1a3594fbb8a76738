"""Deliberately broken variants of the product, each a module of its own in `chaos.mutants`.

A mutant breaks one rule by replacing an attribute of the product when its process starts. Nothing of this
is imported by the product; CHAOS_MUTANT names the mutant to switch in.
"""

import importlib
import os
import pkgutil
from typing import Any

VARIABLE = "CHAOS_MUTANT"


def apply_mutant() -> None:
    """Switch in the mutant that the environment names; nothing when it names none."""
    name = os.environ.get(VARIABLE)
    if name:
        importlib.import_module(f"chaos.mutants.{name}").apply()


def list_mutants() -> list[str]:
    """The names of all mutants."""
    import chaos.mutants

    names = (module.name for module in pkgutil.iter_modules(chaos.mutants.__path__))
    return sorted(name for name in names if not name.startswith("_"))


def replace(owner: Any, name: str, value: Any) -> None:
    """Set an attribute that is there; a mutant whose target has gone must not pass for a survivor."""
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name}: the product has changed, mend the mutant")
    setattr(owner, name, value)


def edit(text: str, old: str, new: str) -> str:
    """`text` with one passage replaced. Raises ValueError when the passage is not there."""
    if old not in text:
        raise ValueError(f"the statement has no {old!r}: the product has changed, mend the mutant")
    return text.replace(old, new)
