"""Rules for environment variables: the code reads each, and no number has two values."""

from dataclasses import fields

from contract.template.expansion import (
    ALL_FUNCTIONS,
    API,
    FUNCTIONS,
    MIGRATOR,
    QUEUE,
    RELAY,
    WORKER,
    Faults,
    Template,
    reference,
)
from contract.template.rules.functions import seconds_of
from convoke.database.engine import NETWORK_SLACK_SECONDS
from convoke.settings import DatabaseSettings, SettingsError, read_settings
from convoke_api.settings import ApiSettings
from convoke_api.web.transaction_retry import QUICK_SECONDS
from convoke_relay.settings import RelaySettings
from convoke_worker.settings import WorkerSettings

SETTINGS: dict[str, type[DatabaseSettings]] = {
    API: ApiSettings,
    WORKER: WorkerSettings,
    RELAY: RelaySettings,
    MIGRATOR: DatabaseSettings,
}

#: Read by Powertools ("Environment variables" in its documentation), not by us.
POWERTOOLS = {"POWERTOOLS_LOG_LEVEL", "POWERTOOLS_LOGGER_LOG_EVENT"}
#: For the response of GET /health.
_ANSWER_SECONDS = 1


def every_variable_is_read(template: Template) -> Faults:
    known = {field.name.upper() for kind in SETTINGS.values() for field in fields(kind)} | POWERTOOLS
    for function in FUNCTIONS:
        for name in sorted(template.environment(function).keys() - known):
            yield f"{function}: {name} is not read"


def each_function_can_read_its_settings(template: Template) -> Faults:
    for function in FUNCTIONS:
        variables = {name: str(template.value(node)) for name, node in template.environment(function).items()}
        try:
            read_settings(SETTINGS[function], variables)
        except SettingsError as error:
            yield f"{function}: {error}"
        for name in ("STAGE", *({"QUEUE_URL"} if function != MIGRATOR else ())):
            if name not in variables:
                yield f"{function}: {name} is not set"
    for function in (API, WORKER, RELAY):
        if template.environment(function).get("QUEUE_URL") != reference(QUEUE):
            yield f"{function}: QUEUE_URL must be the notification queue's"


def the_code_gets_the_numbers_of_the_queue_and_the_schedule(template: Template) -> Faults:
    queue = template.properties(QUEUE)
    rates = [
        seconds_of(template.value(schedule.get("ScheduleExpression", "")))
        for schedule in template.of_type("AWS::Scheduler::Schedule").values()
    ]
    for function, name, expected in (
        (WORKER, "MAX_RECEIVE_COUNT", queue.get("RedrivePolicy", {}).get("maxReceiveCount")),
        (RELAY, "RELAY_TICK_SECONDS", rates[0] if rates else None),
    ):
        node = template.environment(function).get(name)
        # Compared as written too: two parameters with equal defaults would drift apart.
        if node != expected and str(template.value(node)) != str(expected):
            yield f"{function}: {name} is {node}, and the template has {expected}"
        default = getattr(SETTINGS[function], name.lower())
        if (value := str(template.value(node))) != str(default):
            yield f"{function}: {name} is {value}, and its default in the settings is {default}"


def the_database_gives_up_before_the_function_does(template: Template) -> Faults:
    for function in (API, WORKER, RELAY):
        variables = {name: str(template.value(node)) for name, node in template.environment(function).items()}
        seconds = read_settings(
            SETTINGS[function], {"DATABASE_URL": "-"} | variables
        ).database_timeout_seconds
        # A connection that cannot be made is the longest wait; after a quick failure there is a second one.
        wait = (QUICK_SECONDS if function == API else 0) + seconds + NETWORK_SLACK_SECONDS
        if wait + _ANSWER_SECONDS > template.properties(function).get("Timeout", 3):
            yield f"{function}: times out before it gives up on the database, after {wait:g} s"


def no_event_is_logged(template: Template) -> Faults:
    for function in ALL_FUNCTIONS:
        if template.environment(function).get("POWERTOOLS_LOGGER_LOG_EVENT") != "false":
            yield f"{function}: logs whole events, tokens and addresses included"


RULES = (
    every_variable_is_read,
    each_function_can_read_its_settings,
    the_code_gets_the_numbers_of_the_queue_and_the_schedule,
    the_database_gives_up_before_the_function_does,
    no_event_is_logged,
)
