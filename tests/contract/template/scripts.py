"""Loads the scripts of infra/tools, which are in no package."""

import importlib.util
import sys
from types import ModuleType

from contract.template.expansion import ROOT


def load_script(name: str) -> ModuleType:
    """Load the module infra/tools/NAME.py, under the name by which its dataclasses find it."""
    spec = importlib.util.spec_from_file_location(f"infra_tools_{name}", ROOT / f"infra/tools/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
