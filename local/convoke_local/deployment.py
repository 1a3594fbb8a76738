"""The functions of the template, told where their database and queue are: what a deployment does on AWS."""

from dataclasses import dataclass

from convoke_local.configuration import Configuration
from convoke_local.lambda_.functions import Function
from convoke_local.sqs.queues import STAND_IN_CREDENTIALS, Queues
from convoke_local.template import Template

QUEUE_NAME = "convoke-notifications"

#: Nobody is kept from importing a calendar of thousands of events into their own machine.
_CREATE_QUOTA = 100_000
_HOURLY_QUOTA = 10_000_000

_SHORTEST_FIRST_RETRY_SECONDS = 5

#: How a client finds AWS, when the queues are there or at another server of the person's choice.
_PASSED_ON = ("HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "LOG_LEVEL")


@dataclass(frozen=True, slots=True)
class Services:
    """The addresses of what the functions work with."""

    database_url: str
    sqs_endpoint_url: str
    queues: Queues


@dataclass(frozen=True, slots=True)
class Deployment:
    """The four functions."""

    api: Function
    worker: Function
    relay: Function
    migrator: Function


def find_aws_variables(configuration: Configuration, sqs_endpoint_url: str) -> dict[str, str]:
    """The variables by which boto3 finds the queues.

    The embedded server gets stand-in credentials, never the person's own.
    """
    own = {name: value for name, value in configuration.environment.items() if name.startswith("AWS_")}
    region = own.get("AWS_REGION") or own.get("AWS_DEFAULT_REGION") or STAND_IN_CREDENTIALS["AWS_REGION"]
    if configuration.sqs_endpoint_url is None:
        own = {**STAND_IN_CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true"}
    elif "AWS_ACCESS_KEY_ID" in own or "AWS_PROFILE" in own:
        own |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    else:
        own = {**own, **STAND_IN_CREDENTIALS, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    return own | {"AWS_ENDPOINT_URL_SQS": sqs_endpoint_url}


def plan_deployment(template: Template, configuration: Configuration, services: Services) -> Deployment:
    """The functions with the handlers, limits and variables of the template, and the local addresses."""
    environment = configuration.environment
    variables = {
        **{name: environment[name] for name in _PASSED_ON if name in environment},
        **find_aws_variables(configuration, services.sqs_endpoint_url),
    }
    own = {
        "STAGE": "local",
        "DATABASE_URL": services.database_url,
        "DATABASE_IAM": "false",
        "QUEUE_URL": services.queues.url,
        "CREATE_QUOTA": str(_CREATE_QUOTA),
        "WAVE_QUOTA": str(_HOURLY_QUOTA),
        "NOTIFICATION_QUOTA": str(_HOURLY_QUOTA),
        "RELAY_TICK_SECONDS": str(configuration.relay_tick_seconds),
        "FIRST_RETRY_SECONDS": str(_first_retry_seconds(configuration)),
        "MAX_RECEIVE_COUNT": str(template.queue().max_receive_count),
    }

    def make_function(name: str, logical_id: str) -> Function:
        found = template.function(logical_id)
        return Function(
            name=name,
            handler=found.handler,
            timeout_seconds=found.timeout_seconds,
            memory_mb=found.memory_mb,
            variables={**found.variables, **variables, **own},
        )

    return Deployment(
        api=make_function("api", "ApiFunction"),
        worker=make_function("worker", "NotifyWorkerFunction"),
        relay=make_function("relay", "OutboxRelayFunction"),
        migrator=make_function("migrator", "MigratorFunction"),
    )


def visibility_seconds(template: Template, configuration: Configuration) -> int:
    """How long a received message stays invisible: as in the template, unless a test says otherwise."""
    return configuration.visibility_seconds or template.queue().visibility_seconds


def _first_retry_seconds(configuration: Configuration) -> int:
    # The embedded SQS forgets its messages when it is killed, and a person at the terminal will not wait
    # for two minutes. A message that was sent twice does nothing the second time.
    return max(_SHORTEST_FIRST_RETRY_SECONDS, 2 * configuration.relay_tick_seconds)
