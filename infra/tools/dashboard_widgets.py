"""The dashboard's widgets as JSON on stdout, read from infra/observability.yaml as it is deployed.

Names (${Stage}) stay as they are, without their signs; the connection limit gets its default.
"""

import json
import re
import sys
import textwrap
from pathlib import Path

TEMPLATE = Path(__file__).parents[1] / "observability.yaml"

_BODY = re.compile(r"^      DashboardBody: !Sub \|\n((?:        .*\n)+)", re.MULTILINE)
_NAME = re.compile(r"\$\{([A-Za-z0-9:]+)\}")
_VALUES = {"DatabaseMaximumConnections": "200", "Stage": "prod", "StackName": "convoke-prod"}


def read_widgets(text: str) -> list[dict[str, object]]:
    """The widgets in the text of the template. Raises ValueError when there is no dashboard in it."""
    found = _BODY.search(text)
    if found is None:
        raise ValueError(f"{TEMPLATE.name} holds no DashboardBody")
    body = _NAME.sub(lambda name: _VALUES.get(name[1], name[1]), textwrap.dedent(found[1]))
    widgets: list[dict[str, object]] = json.loads(body)["widgets"]
    return widgets


if __name__ == "__main__":
    json.dump(read_widgets(TEMPLATE.read_text(encoding="utf-8")), sys.stdout)
