"""Applies mutants: deliberately broken variants of the product, each a module of `chaos.mutants`.

A mutant breaks one rule by replacing an attribute of the product when its process starts. The product imports
none of this; CHAOS_MUTANT names the mutant to apply.
"""

import importlib
import os
import pkgutil
from typing import Any

VARIABLE = "CHAOS_MUTANT"


def apply_mutant() -> None:
    """Apply the mutant named in the environment, if any."""
    name = os.environ.get(VARIABLE)
    if name:
        importlib.import_module(f"chaos.mutants.{name}").apply()


def list_mutants() -> list[str]:
    """Return the names of all mutants."""
    import chaos.mutants

    names = (module.name for module in pkgutil.iter_modules(chaos.mutants.__path__))
    return sorted(name for name in names if not name.startswith("_"))


def replace(owner: Any, name: str, value: Any) -> None:
    """Set an existing attribute; a mutant without its target must fail, and not count as a survivor."""
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name}: the product has changed, adapt the mutant")
    setattr(owner, name, value)


def edit(text: str, old: str, new: str) -> str:
    """Return `text` with one passage replaced. Raises ValueError if it lacks the passage."""
    if old not in text:
        raise ValueError(f"the statement has no {old!r}: the product has changed, adapt the mutant")
    return text.replace(old, new)
