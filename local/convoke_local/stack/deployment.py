"""Plan the template's functions but `token_claims` with local addresses, as CloudFormation does on AWS."""

from dataclasses import dataclass

from convoke_local.configuration import Configuration
from convoke_local.lambda_.functions import Function
from convoke_local.sqs.aws_variables import find_aws_variables
from convoke_local.stack.backing_services import BackingServices
from convoke_local.template import Template

#: A calendar of thousands of events can be imported into one's own machine at once.
_CREATE_QUOTA = 100_000
_HOURLY_QUOTA = 10_000_000

_SHORTEST_FIRST_RETRY_SECONDS = 5

#: A client needs these to reach AWS, when the queues are there or on another server of the user's choice.
_PASSED_ON = ("HOME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "LOG_LEVEL")


@dataclass(frozen=True, slots=True)
class Deployment:
    """The four functions that run locally. `token_claims` does not: `convoke token` makes the tokens."""

    api: Function
    worker: Function
    relay: Function
    migrator: Function


def plan_deployment(
    template: Template, configuration: Configuration, services: BackingServices
) -> Deployment:
    """Return the functions with the handlers, limits and variables of the template, and local addresses."""
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


def _first_retry_seconds(configuration: Configuration) -> int:
    # The embedded SQS server loses its messages when it is killed, and two minutes are too long to wait at a
    # terminal. A message that is sent twice has no effect the second time.
    return max(_SHORTEST_FIRST_RETRY_SECONDS, 2 * configuration.relay_tick_seconds)
