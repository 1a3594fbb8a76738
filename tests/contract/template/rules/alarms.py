"""Rules for alarms: each fault that matters has an alarm, and each alarm a runbook."""

import re
from pathlib import Path

from contract.template.expansion import (
    ALL_FUNCTIONS,
    DEAD_LETTER_QUEUE,
    QUEUE,
    ROOT,
    Faults,
    Node,
    Template,
    reference,
)

RUNBOOKS = ROOT / "docs" / "runbooks"
_RUNBOOK = re.compile(r"Runbook \$\{RunbookUrl\}/([a-z0-9-]+)\.md$")
#: The sections of a runbook, in this order.
_HEADINGS = ("## What it means", "## Find the cause", "## Fix it")


def each_function_and_queue_has_an_alarm(template: Template) -> Faults:
    watched = {
        (metric["Namespace"], metric["MetricName"], str(dimension["Value"]))
        for metric in _metrics(template)
        for dimension in metric["Dimensions"]
    }
    for function in ALL_FUNCTIONS:
        if ("AWS/Lambda", "Errors", str(reference(function))) not in watched:
            yield f"{function}: no alarm watches its errors"
    for queue, metric_name in (
        (QUEUE, "ApproximateAgeOfOldestMessage"),
        # NumberOfMessagesSent stays 0 when SQS itself moves a message.
        (DEAD_LETTER_QUEUE, "ApproximateNumberOfMessagesVisible"),
    ):
        if ("AWS/SQS", metric_name, str({"Fn::GetAtt": [queue, "QueueName"]})) not in watched:
            yield f"{queue}: no alarm watches its {metric_name}"


def silence_of_the_relay_is_an_alarm(template: Template) -> Faults:
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
        heartbeat = alarm.get("MetricName") == "RelayRuns"
        missing = alarm.get("TreatMissingData")
        if heartbeat and missing != "breaching":
            yield f"{name}: must alarm without data, because no data is the fault"
        if not heartbeat and missing != "notBreaching":
            yield f"{name}: TreatMissingData must be notBreaching: no traffic is no fault"
    if not any(metric["MetricName"] == "RelayRuns" for metric in _metrics(template)):
        yield "no alarm watches for a silent relay"


def each_alarm_notifies_a_topic_and_names_its_runbook(template: Template) -> Faults:
    composites = template.of_type("AWS::CloudWatch::CompositeAlarm")
    rules = " ".join(str(composite.get("AlarmRule")) for composite in composites.values())
    for name, alarm in (template.of_type("AWS::CloudWatch::Alarm") | composites).items():
        alarm_name = alarm.get("AlarmName", {}).get("Fn::Sub", "")
        if "StackName}-" not in alarm_name:
            yield f"{name}: its name must hold the stack's, or a second stack in the account fails"
        suffix = alarm_name.partition("StackName}-")[2]
        if not alarm.get("AlarmActions") and f'"${{StackName}}-{suffix}"' not in rules:
            yield f"{name}: notifies no topic"
        found = _RUNBOOK.search(alarm.get("AlarmDescription", {}).get("Fn::Sub", ""))
        if not found:
            yield f"{name}: names no runbook"
        elif fault := _fault_of(RUNBOOKS / f"{found[1]}.md"):
            yield f"{name}: {fault}"


def composites_name_alarms_that_exist(template: Template) -> Faults:
    resources = template.expanded["Resources"]
    alarms = template.of_type("AWS::CloudWatch::Alarm") | template.of_type("AWS::CloudWatch::CompositeAlarm")
    by_name = {
        alarm["AlarmName"]["Fn::Sub"].partition("StackName}-")[2]: name for name, alarm in alarms.items()
    }
    for name, composite in template.of_type("AWS::CloudWatch::CompositeAlarm").items():
        for suffix in re.findall(r'ALARM\("\$\{StackName\}-([^"]+)"\)', composite["AlarmRule"]["Fn::Sub"]):
            if suffix not in by_name:
                yield f"{name}: there is no alarm {suffix}"
            elif by_name[suffix] not in resources[name].get("DependsOn", []):
                yield f"{name}: must DependOn {by_name[suffix]}, or it is created before that alarm"


def burn_rates_are_those_of_the_promise(template: Template) -> Faults:
    # Share of late deliveries, in %: burn rate times the 0.1 % that 99.9 % leaves.
    expected = {3600: 1.44, 300: 1.44, 21600: 0.6, 1800: 0.6, 86400: 0.1}
    found = {}
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
        stats = [item["MetricStat"] for item in alarm.get("Metrics", []) if "MetricStat" in item]
        late = [stat for stat in stats if stat["Stat"] == "PR(:60000)"]
        if not late:
            continue
        found[late[0]["Period"]] = alarm["Threshold"]
        if not any(re.search(r"IF\(n >= \d+,", item.get("Expression", "")) for item in alarm["Metrics"]):
            yield f"{name}: has no floor of traffic"
    if found != expected:
        yield f"burn rates by window must be {expected}, are {found}"


def durations_are_measured_against_the_timeouts(template: Template) -> Faults:
    alarm = template.properties("SlowFunctions")
    expression = next(item["Expression"] for item in alarm["Metrics"] if "Expression" in item)
    for item in alarm["Metrics"]:
        if "MetricStat" in item:
            function = item["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Ref"]
            milliseconds = template.properties(function)["Timeout"] * 1000
            if f"{item['Id']} / {milliseconds}" not in expression:
                yield f"SlowFunctions: {function} has {milliseconds} ms"


def _metrics(template: Template) -> list[Node]:
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    direct = [alarm for alarm in alarms if "MetricName" in alarm]
    return direct + [
        item["MetricStat"]["Metric"]
        for alarm in alarms
        for item in alarm.get("Metrics", [])
        if "MetricStat" in item
    ]


def _fault_of(runbook: Path) -> str | None:
    if not runbook.is_file():
        return f"{runbook.name} is not in docs/runbooks"
    text = runbook.read_text(encoding="utf-8")
    places = [text.find(f"\n{heading}\n") for heading in _HEADINGS]
    if -1 in places or places != sorted(places):
        return f"{runbook.name} must have {', '.join(_HEADINGS)}"
    if "```" not in text[places[1] : places[2]] or "```" not in text[places[2] :]:
        return f"{runbook.name} must hold a query that finds the cause and a command that fixes it"
    return None


RULES = (
    each_function_and_queue_has_an_alarm,
    silence_of_the_relay_is_an_alarm,
    each_alarm_notifies_a_topic_and_names_its_runbook,
    composites_name_alarms_that_exist,
    burn_rates_are_those_of_the_promise,
    durations_are_measured_against_the_timeouts,
)
