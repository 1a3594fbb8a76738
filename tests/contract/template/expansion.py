"""Reads the templates as written and as CloudFormation will see them."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from contract.template.evaluation import Evaluation
from contract.template.nesting import NestingError, flatten

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "infra" / "template.yaml"
SAM_TOOLS = ROOT / ".tools" / "sam" / "bin"

API = "ApiFunction"
WORKER = "NotifyWorkerFunction"
RELAY = "OutboxRelayFunction"
MIGRATOR = "MigratorFunction"
#: The trigger that Cognito invokes before it issues a token; it uses neither the database nor the queue.
TOKEN_CLAIMS = "TokenClaimsFunction"
#: The functions of the application.
FUNCTIONS = (API, WORKER, RELAY, MIGRATOR)
ALL_FUNCTIONS = (*FUNCTIONS, TOKEN_CLAIMS)
QUEUE = "NotificationQueue"
DEAD_LETTER_QUEUE = "NotificationDeadLetterQueue"

type Node = Any
#: A rule yields one sentence for each fault that it finds.
type Faults = Iterator[str]


class ExpansionError(Exception):
    """The translator refuses a template, or the templates do not match."""


@dataclass(frozen=True)
class Template:
    """The SAM template, and its expansion with the nested stacks put in their places, as JSON values."""

    source: Mapping[str, Any]
    expanded: Mapping[str, Any]

    def of_type(self, kind: str) -> dict[str, Node]:
        """Return the properties of all expanded resources of one type, by logical id."""
        resources = self.expanded["Resources"]
        return {name: item.get("Properties", {}) for name, item in resources.items() if item["Type"] == kind}

    def properties(self, logical_id: str) -> Node:
        """Return the properties of one expanded resource; empty if there is none."""
        return self.expanded["Resources"].get(logical_id, {}).get("Properties", {})

    def value(self, node: Node) -> Node:
        """Return the node's value with the parameters' defaults; values that only AWS has stay unchanged."""
        return self._evaluation.value(node)

    def refusals(self, **parameters: str) -> list[str]:
        """Return CloudFormation's errors about these parameters; the others have their defaults."""
        return Evaluation(self.expanded, parameters).refusals()

    def environment(self, function: str) -> dict[str, Node]:
        """Return the environment variables of a function."""
        variables: dict[str, Node] = self.properties(function).get("Environment", {}).get("Variables", {})
        return variables

    @cached_property
    def _evaluation(self) -> Evaluation:
        return Evaluation(self.expanded)


def read_templates() -> dict[str, str]:
    """Read the text of each template in infra/, by its file name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(TEMPLATE.parent.glob("*.yaml"))}


def expand(variants: Sequence[Mapping[str, str]]) -> list[Template | ExpansionError]:
    """Expand sets of templates, their texts by file name, with the translator of .tools/sam."""
    python = SAM_TOOLS / "python"
    if not python.exists():
        raise FileNotFoundError(f"{python} is missing: run `make sam-tools`")
    texts = sorted({text for variant in variants for text in variant.values()})
    run = subprocess.run(
        [python, ROOT / "infra/tools/expand.py"],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    results = dict(zip(texts, json.loads(run.stdout), strict=True))
    return [_compose({name: results[text] for name, text in variant.items()}) for variant in variants]


def _compose(results: Mapping[str, Any]) -> Template | ExpansionError:
    errors = [result["error"] for result in results.values() if "error" in result]
    if errors:
        return ExpansionError(" ".join(errors))
    templates = {name: result["expanded"] for name, result in results.items()}
    try:
        expanded = flatten(templates[TEMPLATE.name], templates)
    except NestingError as error:
        return ExpansionError(str(error))
    return Template(source=results[TEMPLATE.name]["source"], expanded=expanded)


def reference(logical_id: str) -> Node:
    """!Ref."""
    return {"Ref": logical_id}


def arn_of(logical_id: str) -> Node:
    """Return !GetAtt logical_id.Arn."""
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def alias_of(function: str) -> Node:
    """Return !Ref to the alias `live` that SAM makes for a function: its ARN with the alias's name."""
    return reference(f"{function}Aliaslive")


def as_list(node: Node) -> list[Node]:
    """Return the node as a list: CloudFormation and IAM allow a single value in place of a list."""
    return node if isinstance(node, list) else [node]
