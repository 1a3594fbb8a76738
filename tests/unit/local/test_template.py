"""Read the values of the template for the local stack."""

from pathlib import Path

import pytest
import yaml
from convoke_local.api_gateway.cors import Cors
from convoke_local.api_gateway.routes import Route
from convoke_local.api_gateway.tokens import SCOPE
from convoke_local.errors import LocalStackError
from convoke_local.template import EventSource, Template, load_template

SMALL = """
Parameters:
  Batch: {Type: Number, Default: 7}
  Url: {Type: String}
  Scope: {Type: String, Default: use}
  Origin: {Type: String, Default: "https://a.example"}
Globals:
  Function:
    Timeout: 5
    Environment:
      Variables: {COMMON: "1", URL: !Ref Url, BATCH: !Ref Batch}
Resources:
  HttpApi:
    Properties:
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers: {Jwt: {AuthorizationScopes: [!Ref Scope, other]}}
      CorsConfiguration:
        {AllowOrigins: [!Ref Origin], AllowMethods: [GET], AllowHeaders: [a], ExposeHeaders: [b], MaxAge: 60}
  ApiFunction:
    Properties:
      Handler: a.b.handler
      Environment:
        Variables: {COMMON: own, ARN: !GetAtt Queue.Arn, NAME: !Sub "${Stack}-x", PICK: !If [A, "b", "c"]}
      Events:
        Open: {Type: HttpApi, Properties: {Method: get, Path: /health, Auth: {Authorizer: NONE}}}
        Rest: {Type: HttpApi}
        Else: {Type: S3, Properties: {Bucket: !Ref Bucket}}
  NotifyWorkerFunction:
    Properties:
      Handler: w.handler
      Timeout: 30
      MemorySize: 1024
      Events:
        NotificationQueueEvents:
          Type: SQS
          Properties: {BatchSize: !Ref Batch, Queue: !GetAtt Queue.Arn}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "template.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Template:
    return load_template(write(tmp_path, SMALL))


def test_a_function_takes_from_globals_what_it_does_not_say(small: Template) -> None:
    api = small.function("ApiFunction")
    worker = small.function("NotifyWorkerFunction")

    assert (api.handler, api.timeout_seconds, api.memory_mb) == ("a.b.handler", 5, 128)
    assert (worker.timeout_seconds, worker.memory_mb) == (30, 1024)


def test_variables_whose_value_only_aws_has_are_left_out(small: Template) -> None:
    assert small.function("ApiFunction").variables == {"COMMON": "own", "BATCH": "7"}


def test_the_event_source_has_aws_s_defaults_for_what_it_does_not_say(small: Template) -> None:
    assert small.event_source() == EventSource(
        batch_size=7, window_seconds=0, maximum_concurrency=10, reports_failures=False
    )


def test_only_http_events_are_routes(small: Template) -> None:
    assert [(route.key, route.authorized) for route in small.routes()] == [
        ("GET /health", False),
        ("$default", True),
    ]


def test_authorized_routes_want_the_scopes_of_the_default_authorizer(small: Template) -> None:
    assert [route.scopes for route in small.routes()] == [(), ("use", "other")]


def test_the_headers_for_pages_of_other_origins_are_the_template_s(small: Template) -> None:
    assert small.cors() == Cors(["https://a.example"], ["GET"], ["a"], ["b"], 60)


def test_a_template_that_is_no_yaml_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match=r"cannot read the template .*template\.yaml"):
        load_template(write(tmp_path, "a: [b"))


def test_the_project_s_template_has_all_that_is_needed() -> None:
    template = load_template()
    source = template.event_source()

    assert source.reports_failures
    assert 1 <= source.batch_size <= 10
    routes = template.routes()
    for method in ("GET", "HEAD"):
        assert Route(method, "/health", authorized=False) in routes
    assert Route("", "", authorized=True, scopes=(SCOPE,)) in routes
    assert template.cors().origins
    for logical_id in ("ApiFunction", "NotifyWorkerFunction", "OutboxRelayFunction", "MigratorFunction"):
        assert template.function(logical_id).handler.endswith(".handler.handler")
    worker = template.function("NotifyWorkerFunction")
    assert template.queue().visibility_seconds >= 6 * worker.timeout_seconds


def test_the_project_s_numbers_are_those_that_a_plain_reader_finds() -> None:
    # Read without the code under test: tags become plain text.
    class Plain(yaml.SafeLoader):
        pass

    Plain.add_multi_constructor("!", lambda _loader, _suffix, node: node.value)
    document = yaml.load(Path("infra/template.yaml").read_text("utf-8"), Plain)
    defaults = {name: body.get("Default") for name, body in document["Parameters"].items()}

    assert load_template().event_source().maximum_concurrency == defaults["NotificationMaximumConcurrency"]
    assert load_template().queue().visibility_seconds == defaults["NotificationVisibilitySeconds"]
    assert load_template().queue().max_receive_count == defaults["NotificationMaxReceiveCount"]
