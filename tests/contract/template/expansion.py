"""A template as written and as CloudFormation will see it, and ways to ask it questions."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "infra" / "template.yaml"
SAM_TOOLS = ROOT / ".tools" / "sam" / "bin"

API = "ApiFunction"
WORKER = "NotifyWorkerFunction"
RELAY = "OutboxRelayFunction"
MIGRATOR = "MigratorFunction"
FUNCTIONS = (API, WORKER, RELAY, MIGRATOR)
QUEUE = "NotificationQueue"
DEAD_LETTER_QUEUE = "NotificationDeadLetterQueue"

type Node = Any
#: A rule yields one sentence for each fault that it finds.
type Faults = Iterator[str]


class ExpansionError(Exception):
    """The translator refuses the template."""


@dataclass(frozen=True)
class Template:
    """The SAM template and its expansion, both as plain JSON values."""

    source: Mapping[str, Any]
    expanded: Mapping[str, Any]

    def of_type(self, kind: str) -> dict[str, Node]:
        """The properties of all expanded resources of one type, by logical id."""
        resources = self.expanded["Resources"]
        return {name: item.get("Properties", {}) for name, item in resources.items() if item["Type"] == kind}

    def properties(self, logical_id: str) -> Node:
        """The properties of one expanded resource; empty when there is none."""
        return self.expanded["Resources"].get(logical_id, {}).get("Properties", {})

    def value(self, node: Node) -> Node:
        """What the node is when every parameter has its default; other intrinsic functions stay."""
        if isinstance(node, dict) and set(node) == {"Ref"}:
            return self.expanded["Parameters"].get(node["Ref"], {}).get("Default", node)
        return node

    def environment(self, function: str) -> dict[str, Node]:
        """The environment variables of a function."""
        variables: dict[str, Node] = self.properties(function).get("Environment", {}).get("Variables", {})
        return variables


def expand(texts: Sequence[str]) -> list[Template | ExpansionError]:
    """Expand templates with the translator of .tools/sam, in one process."""
    python = SAM_TOOLS / "python"
    if not python.exists():
        raise FileNotFoundError(f"{python} is missing: run `make sam-tools`")
    run = subprocess.run(
        [python, ROOT / "infra/tools/expand.py"],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [
        ExpansionError(answer["error"])
        if "error" in answer
        else Template(source=answer["source"], expanded=answer["expanded"])
        for answer in json.loads(run.stdout)
    ]


def reference(logical_id: str) -> Node:
    """!Ref."""
    return {"Ref": logical_id}


def arn_of(logical_id: str) -> Node:
    """!GetAtt logical_id.Arn."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def as_list(node: Node) -> list[Node]:
    """CloudFormation and IAM take one thing where a list may stand."""
    return node if isinstance(node, list) else [node]
