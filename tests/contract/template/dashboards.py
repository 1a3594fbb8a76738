"""Reads the dashboard's body: the text of its Fn::Sub, with a value in place of each name."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"\$\{([A-Za-z0-9:]+)\}")


@dataclass(frozen=True)
class Series:
    """One metric of a widget; `dimensions` by name."""

    widget: str
    namespace: str
    name: str
    dimensions: dict[str, str]
    options: dict[str, Any]


def read_dashboard(body: str, values: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the widgets. A name without a value stays, without its signs: ${ApiId} becomes ApiId.

    Raises ValueError if the body is not JSON; a number in place of a name must have a value.
    """
    given = {"DatabaseMaximumConnections": "200", **(values or {})}
    text = _NAME.sub(lambda found: given.get(found[1], found[1]), body)
    widgets: list[dict[str, Any]] = json.loads(text)["widgets"]
    return widgets


def series_of(widgets: list[dict[str, Any]]) -> Iterator[Series]:
    """Yield each metric of each widget, without expressions."""
    for widget in widgets:
        properties = widget["properties"]
        for row in properties.get("metrics", []):
            if isinstance(row[0], dict):
                continue
            options = row[-1] if isinstance(row[-1], dict) else {}
            namespace, name, *pairs = row[:-1] if options else row
            yield Series(
                widget=properties["title"],
                namespace=namespace,
                name=name,
                dimensions=dict(zip(pairs[::2], pairs[1::2], strict=True)),
                options=options,
            )
