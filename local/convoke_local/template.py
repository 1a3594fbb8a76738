"""Read `infra/template.yaml`, so that the local stack and a deployment have the same values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from convoke_local.api_gateway.cors import Cors
from convoke_local.api_gateway.routes import Route
from convoke_local.errors import LocalStackError
from convoke_local.lambda_.event_source_rules import EventSource

TEMPLATE_PATH = Path(__file__).parents[2] / "infra" / "template.yaml"


@dataclass(frozen=True, slots=True)
class FunctionTemplate:
    """A function of the template. `variables` are those with a value in the template itself."""

    handler: str
    timeout_seconds: float
    memory_mb: int
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class QueueTemplate:
    """The limits of the notification queue."""

    visibility_seconds: int
    max_receive_count: int


class Template:
    """Give values of the parsed template, with all parameters at their defaults."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def function(self, logical_id: str) -> FunctionTemplate:
        """Return a function by its logical id, with the values of `Globals` where it has none of its own."""
        common = self._document.get("Globals", {}).get("Function", {})
        own = self._properties(logical_id)
        variables = {
            **common.get("Environment", {}).get("Variables", {}),
            **own.get("Environment", {}).get("Variables", {}),
        }
        return FunctionTemplate(
            handler=own["Handler"],
            # "Default: 3", "Default: 128" (AWS::Serverless::Function)
            timeout_seconds=float(self._number(own.get("Timeout", common.get("Timeout", 3)))),
            memory_mb=self._number(own.get("MemorySize", common.get("MemorySize", 128))),
            variables={
                name: str(value)
                for name, raw in variables.items()
                if not isinstance(value := self._resolve(raw), dict)
            },
        )

    def event_source(self) -> EventSource:
        """Return the event-source mapping between the queue and the worker."""
        source = self._properties("NotifyWorkerFunction")["Events"]["NotificationQueueEvents"]["Properties"]
        return EventSource(
            # "Default: 10", "Default: 0"; without a MaximumConcurrency the account's limit applies, which is
            # more than one machine can run (AWS::Lambda::EventSourceMapping).
            batch_size=self._number(source.get("BatchSize", 10)),
            window_seconds=float(self._number(source.get("MaximumBatchingWindowInSeconds", 0))),
            maximum_concurrency=self._number(source.get("ScalingConfig", {}).get("MaximumConcurrency", 10)),
            reports_failures="ReportBatchItemFailures" in source.get("FunctionResponseTypes", []),
        )

    def queue(self) -> QueueTemplate:
        """Return the limits of the notification queue."""
        queue = self._properties("NotificationQueue")
        return QueueTemplate(
            visibility_seconds=self._number(queue.get("VisibilityTimeout", 30)),
            max_receive_count=self._number(queue["RedrivePolicy"]["maxReceiveCount"]),
        )

    def parameter_defaults(self) -> dict[str, Any]:
        """Return the defaults of the parameters that have one, by name."""
        return {
            name: parameter["Default"]
            for name, parameter in self._document.get("Parameters", {}).items()
            if "Default" in parameter
        }

    def routes(self) -> list[Route]:
        """Return the API's routes, authorized by the default authorizer except with `Authorizer: NONE`."""
        events = self._properties("ApiFunction")["Events"].values()
        return [
            self._make_route(event.get("Properties", {})) for event in events if event["Type"] == "HttpApi"
        ]

    def cors(self) -> Cors:
        """Return the CORS rules of the API."""
        cors = self._properties("HttpApi")["CorsConfiguration"]
        return Cors(
            origins=[self._resolve(origin) for origin in cors["AllowOrigins"]],
            methods=cors["AllowMethods"],
            request_headers=cors["AllowHeaders"],
            response_headers=cors["ExposeHeaders"],
            max_age_seconds=self._number(cors["MaxAge"]),
        )

    def _make_route(self, properties: Mapping[str, Any]) -> Route:
        authorized = properties.get("Auth", {}).get("Authorizer") != "NONE"
        auth = self._properties("HttpApi")["Auth"]
        scopes = auth["Authorizers"][auth["DefaultAuthorizer"]].get("AuthorizationScopes", [])
        return Route(
            method=properties.get("Method", "ANY").upper() if "Path" in properties else "",
            path=properties.get("Path", ""),
            authorized=authorized,
            scopes=tuple(self._resolve(scope) for scope in scopes) if authorized else (),
        )

    def _properties(self, logical_id: str) -> Mapping[str, Any]:
        properties: Mapping[str, Any] = self._document["Resources"][logical_id]["Properties"]
        return properties

    def _resolve(self, value: Any) -> Any:
        """Return a parameter's default for a `!Ref` to it; other intrinsic functions stay as they are."""
        if isinstance(value, dict) and value.keys() == {"Ref"}:
            parameter = self._document.get("Parameters", {}).get(value["Ref"], {})
            return parameter.get("Default", value)
        return value

    def _number(self, value: Any) -> int:
        return int(self._resolve(value))


def load_template(path: Path = TEMPLATE_PATH) -> Template:
    """Read the template; raise LocalStackError when it is missing or is not YAML."""
    try:
        return Template(yaml.load(path.read_text("utf-8"), _Loader))  # noqa: S506 - derived from SafeLoader
    except (OSError, yaml.YAMLError) as error:
        raise LocalStackError(f"cannot read the template {path}: {error}") from error


class _Loader(yaml.SafeLoader):
    """Load YAML with CloudFormation's short forms: `!Ref X` is {"Ref": "X"}, `!Sub x` {"Fn::Sub": "x"}."""


def _construct_intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise yaml.YAMLError(f"an intrinsic function has a {type(node).__name__}")


_Loader.add_multi_constructor("!", _construct_intrinsic)
