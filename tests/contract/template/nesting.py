"""Merges nested stacks into the root, so that a rule sees one template.

A nested template's parameter is replaced by the value that the root passes, and a stack's output by the value
of the output. Texts of Fn::Sub keep their names.
"""

from collections.abc import Callable, Mapping
from typing import Any

type Node = Any

_STACK = "AWS::CloudFormation::Stack"


class NestingError(Exception):
    """The templates do not match."""


def flatten(root: Mapping[str, Any], templates: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the root with the resources, conditions and mappings of its stacks; `templates` by file name.

    Raises NestingError for a missing template or parameter, and for a logical id in two templates.
    """
    merged = {key: dict(root.get(key, {})) for key in ("Resources", "Conditions", "Mappings")}
    outputs: dict[tuple[str, str], Node] = {}
    for name, stack in root["Resources"].items():
        if stack["Type"] != _STACK:
            continue
        if (file := stack["Properties"]["TemplateURL"]) not in templates:
            raise NestingError(f"{name}: there is no infra/{file}")
        nested = _with_parameters(templates[file], stack["Properties"].get("Parameters", {}))
        for key, items in merged.items():
            if taken := [item for item in items.keys() & nested.get(key, {}).keys() if key == "Resources"]:
                raise NestingError(f"{file}: {', '.join(taken)} is in another template too")
            items.update({item: nested[key][item] for item in nested.get(key, {}) if item not in items})
        for output, definition in nested.get("Outputs", {}).items():
            outputs[name, f"Outputs.{output}"] = definition["Value"]

    def take_from_outputs(node: Node) -> Node:
        match node:
            case {"Fn::GetAtt": [str(stack), str(output)]} if output.startswith("Outputs."):
                if (stack, output) not in outputs:
                    raise NestingError(f"{stack} has no output {output.removeprefix('Outputs.')}")
                return outputs[stack, output]
        return node

    # Twice: a nested stack's parameter may itself be another stack's output.
    merged = _replace(_replace(merged, take_from_outputs), take_from_outputs)
    return {**root, **merged}


def _with_parameters(template: Mapping[str, Any], given: Mapping[str, Node]) -> Node:
    defaults = {name: item.get("Default") for name, item in template.get("Parameters", {}).items()}
    if unknown := given.keys() - defaults.keys():
        raise NestingError(f"a nested template has no parameter {', '.join(sorted(unknown))}")
    needed = {name for name, item in template.get("Parameters", {}).items() if "Default" not in item}
    if missing := needed - given.keys():
        raise NestingError(f"a nested template lacks the parameter {', '.join(sorted(missing))}")
    values = {**defaults, **given}

    def take_parameter(node: Node) -> Node:
        if isinstance(node, dict) and set(node) == {"Ref"}:
            return values.get(node["Ref"], node)
        return node

    return _replace(template, take_parameter)


def _replace(node: Node, change: Callable[[Node], Node]) -> Node:
    if (changed := change(node)) is not node:
        return changed
    if isinstance(node, Mapping):
        return {key: _replace(value, change) for key, value in node.items()}
    if isinstance(node, list):
        return [_replace(value, change) for value in node]
    return node
