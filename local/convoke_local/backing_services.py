"""PostgreSQL and SQS for the functions: the embedded ones, or those that the person brought along."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from convoke_local.configuration import Configuration
from convoke_local.deployment import QUEUE_NAME, Services, find_aws_variables, visibility_seconds
from convoke_local.errors import LocalStackError
from convoke_local.postgres.external import check_database
from convoke_local.postgres.server import run_postgres_server
from convoke_local.processes.servers import Server
from convoke_local.sqs.queues import Queues, create_queues
from convoke_local.sqs.server import run_sqs_server
from convoke_local.template import Template


def start_backing_services(
    configuration: Configuration, template: Template, resources: ExitStack
) -> tuple[Services, list[Server]]:
    """Where database and queues are, and the servers that were started for it, which end with `resources`.

    Raises LocalStackError when one cannot be started or does not answer.
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
    return Services(database_url, endpoint_url, queues), [server for server in servers if server]


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
    """The queues with the template's numbers. Raises LocalStackError when they cannot be made."""
    # Loaded here, as in `queues`.
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return create_queues(
            endpoint_url,
            QUEUE_NAME,
            max_receive_count=template.queue().max_receive_count,
            visibility_seconds=visibility_seconds(template, configuration),
            environment=find_aws_variables(configuration, endpoint_url),
        )
    except (BotoCoreError, ClientError, ValueError) as error:
        raise LocalStackError(f"the queues at {endpoint_url} cannot be made: {error}") from error
