"""Evaluates intrinsic functions with the parameters' defaults."""

import re
from collections.abc import Mapping
from typing import Any

type Node = Any

NO_VALUE = {"Ref": "AWS::NoValue"}


class Evaluation:
    """The evaluation of one template. Values that only AWS has (an ARN, a region) stay intrinsic functions.

    `given` are parameters that have other values than their defaults.
    """

    def __init__(self, template: Mapping[str, Any], given: Mapping[str, str] | None = None) -> None:
        self._parameters = dict(template.get("Parameters", {}))
        for name, value in (given or {}).items():
            self._parameters[name] = {**self._parameters[name], "Default": value}
        self._rules = template.get("Rules", {})
        self._conditions = template.get("Conditions", {})
        self._mappings = template.get("Mappings", {})

    def value(self, node: Node) -> Node:
        """Return the node's value, one level deep: parts of a list or mapping stay as they are."""
        match node:
            case {"Ref": str(name)}:
                return self._parameters.get(name, {}).get("Default", node)
            case {"Fn::If": [str(condition), yes, no]}:
                return self.value(yes if self._holds({"Condition": condition}) else no)
            case {"Fn::FindInMap": [str(mapping), top, second]}:
                return self._mappings[mapping][self.value(top)][self.value(second)]
        return node

    def refusals(self) -> list[str]:
        """Return CloudFormation's errors about the parameters, before it creates a resource."""
        found = [
            f"{name}: {parameter.get('ConstraintDescription', 'does not match')}"
            for name, parameter in self._parameters.items()
            if "Default" in parameter
            and not re.fullmatch(parameter.get("AllowedPattern", ".*"), str(parameter["Default"]))
        ]
        for rule in self._rules.values():
            if self._holds(rule["RuleCondition"]):
                found += [
                    assertion["AssertDescription"]
                    for assertion in rule["Assertions"]
                    if not self._holds(assertion["Assert"])
                ]
        return found

    def _holds(self, node: Node) -> bool:
        match node:
            case {"Condition": name}:
                return self._holds(self._conditions[name])
            case {"Fn::Equals": [left, right]}:
                return str(self.value(left)) == str(self.value(right))
            case {"Fn::Not": [part]}:
                return not self._holds(part)
            case {"Fn::And": parts}:
                return all(self._holds(part) for part in parts)
            case {"Fn::Or": parts}:
                return any(self._holds(part) for part in parts)
        raise ValueError(f"no condition: {node}")
