"""Start PostgreSQL and the SQS server for the functions, or use the external ones of the configuration."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from convoke_local.configuration import Configuration
from convoke_local.errors import LocalStackError
from convoke_local.postgres.external import check_database
from convoke_local.postgres.server import run_postgres_server
from convoke_local.processes.servers import Server
from convoke_local.sqs.aws_variables import find_aws_variables
from convoke_local.sqs.queues import Queues, create_queues
from convoke_local.sqs.server import run_sqs_server
from convoke_local.template import Template

_QUEUE_NAME = "convoke-notifications"


@dataclass(frozen=True, slots=True)
class BackingServices:
    """The addresses of the database, the SQS server and the queues."""

    database_url: str
    sqs_endpoint_url: str
    queues: Queues


def start_backing_services(
    configuration: Configuration, template: Template, resources: ExitStack
) -> tuple[BackingServices, list[Server]]:
    """Return the addresses, and the servers that were started, which end with `resources`.

    Raises LocalStackError when a service cannot be started or does not respond.
    """
    servers = _start_servers(configuration, resources)
    postgres, sqs = servers
    database_url = postgres.url if postgres else configuration.database_url
    endpoint_url = sqs.url if sqs else configuration.sqs_endpoint_url
    if database_url is None or endpoint_url is None:
        raise AssertionError("each service is either started or configured")
    if postgres is None:
        check_database(database_url)
    queues = make_queues(configuration, template, endpoint_url)
    return BackingServices(database_url, endpoint_url, queues), [server for server in servers if server]


def _start_servers(configuration: Configuration, resources: ExitStack) -> tuple[Server | None, Server | None]:
    folder = configuration.data_folder
    with ThreadPoolExecutor(2) as threads:
        postgres = sqs = None
        if configuration.database_url is None:
            postgres = threads.submit(resources.enter_context, run_postgres_server(folder / "postgres"))
        if configuration.sqs_endpoint_url is None:
            sqs = threads.submit(resources.enter_context, run_sqs_server(folder / "sqs"))
        return postgres.result() if postgres else None, sqs.result() if sqs else None


def make_queues(configuration: Configuration, template: Template, endpoint_url: str) -> Queues:
    """Create the queues with the limits of the template. Raises LocalStackError when that fails."""
    # Loaded here, as in `sqs.queues`.
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return create_queues(
            endpoint_url,
            _QUEUE_NAME,
            max_receive_count=template.queue().max_receive_count,
            visibility_seconds=visibility_seconds(template, configuration),
            environment=find_aws_variables(configuration, endpoint_url),
        )
    except (BotoCoreError, ClientError, ValueError) as error:
        raise LocalStackError(f"cannot create the queues at {endpoint_url}: {error}") from error


def visibility_seconds(template: Template, configuration: Configuration) -> int:
    """Return the visibility timeout of the queue: the template's, unless the configuration has one."""
    return configuration.visibility_seconds or template.queue().visibility_seconds
