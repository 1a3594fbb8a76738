"""The deployed functions, configured for the benchmark's database and queue."""

from dataclasses import replace
from pathlib import Path

from convoke_local.configuration import read_configuration
from convoke_local.sqs.queues import Queues
from convoke_local.stack.backing_services import BackingServices
from convoke_local.stack.deployment import Deployment, plan_deployment
from convoke_local.template import load_template

#: In place of the claims from API Gateway's authorizer: the peers check no token either.
CLAIMS = {
    "sub": "benchmark",
    "email": "organizer@example.com",
    "email_verified": "true",
    "scope": "convoke/api",
}

#: One caller creates more here than a quota allows. Each creation counts those in the window, so the window
#: is short: the deployed quota ends the count at sixty.
QUOTA, QUOTA_SECONDS = 1_000_000, 1
#: A run writes more notifications than one caller may cause in an hour.
HOURLY_QUOTA = 1_000_000_000

#: The relay re-sends a message after twice as long, instead of the deployed two minutes.
RELAY_TICK_SECONDS = 5


def find_queues(sqs_endpoint_url: str) -> Queues:
    """Return the benchmark's queue."""
    url = f"{sqs_endpoint_url}/000000000000/convoke-notifications"
    return Queues(url, "arn:aws:sqs:us-east-1:000000000000:convoke-notifications", f"{url}-dlq")


def plan(folder: Path, database_url: str, sqs_endpoint_url: str) -> Deployment:
    """Make the functions as in the template."""
    deployment = plan_deployment(
        load_template(),
        read_configuration(
            {"CONVOKE_DATA_DIR": str(folder), "CONVOKE_RELAY_TICK_SECONDS": str(RELAY_TICK_SECONDS)}
        ),
        BackingServices(database_url, sqs_endpoint_url, find_queues(sqs_endpoint_url)),
    )
    api = replace(
        deployment.api,
        variables={
            **deployment.api.variables,
            "CREATE_QUOTA": str(QUOTA),
            "CREATE_QUOTA_SECONDS": str(QUOTA_SECONDS),
            "WAVE_QUOTA": str(HOURLY_QUOTA),
            "NOTIFICATION_QUOTA": str(HOURLY_QUOTA),
        },
    )
    return replace(deployment, api=api)
