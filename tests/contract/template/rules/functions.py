"""Rules for functions: their code, times, logs and schedule."""

import re

from contract.template.expansion import (
    ALL_FUNCTIONS,
    API,
    FUNCTIONS,
    RELAY,
    ROOT,
    TEMPLATE,
    Faults,
    Template,
    alias_of,
)

_HANDLERS = {
    "ApiFunction": "convoke_api.handler.handler",
    "NotifyWorkerFunction": "convoke_worker.handler.handler",
    "OutboxRelayFunction": "convoke_relay.handler.handler",
    "MigratorFunction": "convoke_migrator.handler.handler",
    "TokenClaimsFunction": "convoke_token_claims.handler.handler",
}
_UNITS = {"second": 1, "minute": 60, "hour": 3600}


def each_handler_is_in_its_folder(template: Template) -> Faults:
    if set(template.of_type("AWS::Lambda::Function")) != set(ALL_FUNCTIONS):
        yield f"the functions must be {', '.join(ALL_FUNCTIONS)}"
    for function, handler in _HANDLERS.items():
        if template.properties(function).get("Handler") != handler:
            yield f"{function}: Handler must be {handler}"
        folder = template.source["Resources"].get(function, {}).get("Properties", {}).get("CodeUri", ".")
        module = handler.rpartition(".")[0].replace(".", "/")
        if not (TEMPLATE.parent / folder / f"{module}.py").is_file():
            yield f"{function}: {module}.py is not in {folder}"


def functions_run_the_project_s_python_with_both_layers(template: Template) -> Faults:
    version = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    layers = [{"Ref": name} for name in template.of_type("AWS::Lambda::LayerVersion")]
    for function in ALL_FUNCTIONS:
        properties = template.properties(function)
        if properties.get("Runtime") != f"python{version}":
            yield f"{function}: Runtime must be python{version}"
        if properties.get("Architectures") != [{"Ref": "Architecture"}]:
            yield f"{function}: Architectures must be the parameter's"
        wanted = layers if function in FUNCTIONS else None
        if len(layers) != 2 or properties.get("Layers") != wanted:
            yield f"{function}: must have {'both layers' if wanted else 'no layer'}"


def layers_are_built_for_the_functions_architecture(template: Template) -> Faults:
    for name, resource in template.source["Resources"].items():
        if resource["Type"] != "AWS::Serverless::LayerVersion":
            continue
        metadata = resource.get("Metadata", {})
        # Without it `sam build` fetches wheels for x86-64 alone.
        if metadata.get("BuildArchitecture") != {"Ref": "Architecture"}:
            yield f"{name}: BuildArchitecture must be the parameter's"
        if metadata.get("BuildMethod") != "python3.13":
            yield f"{name}: BuildMethod must be python3.13"


def the_api_responds_before_the_gateway_times_out(template: Template) -> Faults:
    # An HTTP API waits for at most 30 s ("Amazon API Gateway quotas").
    if template.properties(API).get("Timeout", 3) > 29:
        yield f"{API}: Timeout must be at most 29"


def the_relay_ticks_by_the_stack_s_name_and_never_twice_at_once(template: Template) -> Faults:
    schedules = template.of_type("AWS::Scheduler::Schedule")
    if [schedule["Target"]["Arn"] for schedule in schedules.values()] != [alias_of(RELAY)]:
        yield "exactly one schedule must invoke the relay"
    for name, schedule in schedules.items():
        if "${AWS::StackName}" not in str(schedule.get("Name")):
            yield f"{name}: its name must hold the stack's, or a second stack in the account fails"
        if schedule.get("State", "ENABLED") != "ENABLED":
            yield f"{name}: is switched off"
        if schedule["Target"].get("RetryPolicy", {}).get("MaximumRetryAttempts") != 0:
            yield f"{name}: retries accumulate behind the next tick"
        if template.properties(RELAY).get("Timeout", 3) > seconds_of(
            template.value(schedule.get("ScheduleExpression", ""))
        ):
            yield f"{name}: a tick may last longer than the time to the next"
    if template.value(template.properties(RELAY).get("ReservedConcurrentExecutions")) != 1:
        yield f"{RELAY}: ReservedConcurrentExecutions must be 1"


def logs_are_json_and_end(template: Template) -> Faults:
    groups = template.of_type("AWS::Logs::LogGroup")
    for function in ALL_FUNCTIONS:
        logging = template.properties(function).get("LoggingConfig", {})
        if logging.get("LogFormat") != "JSON":
            yield f"{function}: LogFormat must be JSON"
        if logging.get("ApplicationLogLevel", "INFO") not in ("INFO", "DEBUG", "TRACE"):
            yield f"{function}: ApplicationLogLevel drops the lines that carry metrics"
        if logging.get("LogGroup", {}).get("Ref") not in groups:
            yield f"{function}: must write to a log group of the template"
    for name, group in groups.items():
        if not template.value(group.get("RetentionInDays")):
            yield f"{name}: keeps logs for ever"


def functions_are_traced(template: Template) -> Faults:
    for function in ALL_FUNCTIONS:
        if template.properties(function).get("TracingConfig", {}).get("Mode") != "Active":
            yield f"{function}: Tracing must be Active"


def seconds_of(rate: str) -> int:
    """Return the period of an EventBridge rate() expression; 0 for other expressions."""
    match = re.fullmatch(r"rate\((\d+) (second|minute|hour)s?\)", rate)
    return int(match[1]) * _UNITS[match[2]] if match else 0


RULES = (
    each_handler_is_in_its_folder,
    functions_run_the_project_s_python_with_both_layers,
    layers_are_built_for_the_functions_architecture,
    the_api_responds_before_the_gateway_times_out,
    the_relay_ticks_by_the_stack_s_name_and_never_twice_at_once,
    logs_are_json_and_end,
    functions_are_traced,
)
