"""Rules for the dashboard: it shows all metrics and alarms that exist, and its widgets do not overlap."""

import json
import re

from contract.template.dashboards import read_dashboard, series_of
from contract.template.expansion import ROOT, Faults, Template

#: The metrics that each function emits as EMF; tests/contract/test_metrics.py compares them with the code.
EMITTED = {
    "notify-worker": {
        "DeliveryLatencyMs",
        "NotificationsWritten",
        "DuplicatesSuppressed",
        "DeliveryFailed",
        "PoisonRejected",
        "DbConnectMs",
    },
    "outbox-relay": {
        "RelayRuns",
        "RelaySent",
        "OutboxPending",
        "OutboxOldestAgeSeconds",
        "OutboxFailed",
        "DbConnectMs",
    },
    "convoke-api": {"DirectSendFailed", "AuthzDenied", "DbConnectMs"},
}
#: The metrics that AWS publishes, by their one dimension: the services' pages on CloudWatch metrics.
_AWS = {
    ("AWS/SQS", "QueueName"): {
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateAgeOfOldestMessage",
        "NumberOfMessagesDeleted",
        "NumberOfMessagesSent",
    },
    ("AWS/ApiGateway", "ApiId"): {"Count", "4xx", "5xx", "Latency"},
    ("AWS/Lambda", "FunctionName"): {
        "Errors",
        "Throttles",
        "Duration",
        "Invocations",
        "ConcurrentExecutions",
    },
    ("AWS/RDS", "DBClusterIdentifier"): {
        "DatabaseConnections",
        "ServerlessDatabaseCapacity",
        "ACUUtilization",
    },
}
_GRID_WIDTH = 24
#: Exists only with a user pool of ours, and a dashboard cannot leave an alarm out.
_NOT_ALWAYS_THERE = {"token-claims-errors"}


def dashboard_and_alarms_use_metrics_that_exist(template: Template) -> Faults:
    used = [
        (series.widget, series.namespace, series.name, series.dimensions)
        for series in series_of(_widgets(template))
    ]
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
        stats = [item["MetricStat"]["Metric"] for item in alarm.get("Metrics", []) if "MetricStat" in item]
        for metric in [alarm] if "MetricName" in alarm else stats:
            dimensions = {item["Name"]: item["Value"] for item in metric["Dimensions"]}
            dimensions.pop("Resource", None)
            used.append((name, metric["Namespace"], metric["MetricName"], dimensions))
    for place, namespace, metric_name, dimensions in used:
        if namespace == "Convoke":
            known = EMITTED.get(str(dimensions.get("service")), set())
            fits = set(dimensions) == {"service", "stage"}
        else:
            known = _AWS.get((namespace, next(iter(dimensions))), set())
            fits = len(dimensions) == 1
        if metric_name not in known or not fits:
            yield f"{place}: no service publishes {namespace} {metric_name} for {dimensions}"


def every_metric_is_shown(template: Template) -> Faults:
    shown = {
        (series.dimensions.get("service"), series.name)
        for series in series_of(_widgets(template))
        if series.namespace == "Convoke"
    }
    for service, names in EMITTED.items():
        for name in sorted(names):
            if (service, name) not in shown:
                yield f"{name} of {service} is emitted and not shown"


def the_dashboard_shows_each_alarm_and_links_each_runbook(template: Template) -> Faults:
    alarms = template.of_type("AWS::CloudWatch::Alarm") | template.of_type("AWS::CloudWatch::CompositeAlarm")
    telling = {
        alarm["AlarmName"]["Fn::Sub"].partition("StackName}-")[2]
        for alarm in alarms.values()
        if alarm.get("AlarmActions")
    }
    widgets = _widgets(template)
    shown = {
        arn.partition("StackName-")[2] for widget in widgets for arn in widget["properties"].get("alarms", [])
    }
    for name in sorted(shown - telling):
        yield f"the dashboard shows the alarm {name}, which does not exist"
    for name in sorted(telling - shown - _NOT_ALWAYS_THERE):
        yield f"the dashboard does not show the alarm {name}"
    text = " ".join(widget["properties"].get("markdown", "") for widget in widgets)
    linked = set(re.findall(r"RunbookUrl/([a-z0-9-]+)\.md", text))
    existing = {path.stem for path in (ROOT / "docs/runbooks").glob("*.md")}
    for name in sorted(linked ^ existing):
        yield f"the runbook {name} is {'linked and does not exist' if name in linked else 'not linked'}"


def widgets_lie_side_by_side(template: Template) -> Faults:
    taken: dict[tuple[int, int], str] = {}
    for widget in _widgets(template):
        title = widget["properties"].get("title", widget["type"])
        if widget["x"] + widget["width"] > _GRID_WIDTH:
            yield f"{title}: extends over the edge"
        for x in range(widget["x"], widget["x"] + widget["width"]):
            for y in range(widget["y"], widget["y"] + widget["height"]):
                if (other := taken.setdefault((x, y), title)) != title:
                    yield f"{title}: overlaps {other}"
                    break


def the_cost_is_computed_with_the_prices_of_the_price_file(template: Template) -> Faults:
    prices = json.loads((ROOT / "infra/prices.json").read_text(encoding="utf-8"))["prices"]
    expressions = [
        row[0]["expression"]
        for widget in _widgets(template)
        for row in widget["properties"].get("metrics", [])
        if isinstance(row[0], dict) and row[0]["id"] == "cost"
    ]
    for name in (
        "http_api_request",
        "sqs_request",
        "lambda_gb_second_arm64",
        "lambda_request",
        "aurora_acu_hour",
    ):
        if not any(f"* {prices[name]:.12g}" in expression for expression in expressions):
            yield f"the cost is not computed with {name} of infra/prices.json"


def _widgets(template: Template) -> list[dict[str, object]]:
    (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard").values()
    return read_dashboard(dashboard["DashboardBody"]["Fn::Sub"])


RULES = (
    dashboard_and_alarms_use_metrics_that_exist,
    every_metric_is_shown,
    the_dashboard_shows_each_alarm_and_links_each_runbook,
    widgets_lie_side_by_side,
    the_cost_is_computed_with_the_prices_of_the_price_file,
)
