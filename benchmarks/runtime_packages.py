"""Finds the packages that AWS puts beside a function: boto3, the runtime's client and hooks, and theirs."""

import importlib.metadata
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

_ROOT = Path(__file__).parents[1]


def link_runtime_packages(folder: Path) -> Path:
    """Fill a folder with links to the packages of the group `runtime` of pyproject.toml, and to no others.

    The packages are this environment's, which `make setup` installed from uv.lock and checked by hash.
    """
    document = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folder.mkdir()
    # A group may include other groups, as tables; `runtime` includes only one that holds no package.
    group = [entry for entry in document["dependency-groups"]["runtime"] if isinstance(entry, str)]
    for distribution in _closure(group):
        for path in _top_level(distribution):
            (folder / path.name).symlink_to(path)
    return folder


def _closure(requirements: list[str]) -> list[importlib.metadata.Distribution]:
    found: dict[str, importlib.metadata.Distribution] = {}
    wanted = [Requirement(it) for it in requirements]
    while wanted:
        requirement = wanted.pop()
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and requirement.name not in found:
            distribution = importlib.metadata.distribution(requirement.name)
            found[requirement.name] = distribution
            wanted += [Requirement(it) for it in distribution.requires or []]
    return list(found.values())


def _top_level(distribution: importlib.metadata.Distribution) -> Iterator[Path]:
    names = {path.parts[0] for path in distribution.files or [] if path.parts[0] not in ("..", "__pycache__")}
    for name in sorted(names):
        yield Path(str(distribution.locate_file(name)))
