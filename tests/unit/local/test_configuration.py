"""Read the configuration from environment variables, and pass some of them to the functions."""

from dataclasses import replace
from pathlib import Path

import pytest
from convoke_local.configuration import read_configuration
from convoke_local.errors import LocalStackError
from convoke_local.sqs.aws_variables import find_aws_variables
from convoke_local.sqs.queues import Queues
from convoke_local.stack.backing_services import BackingServices, visibility_seconds
from convoke_local.stack.deployment import plan_deployment
from convoke_local.template import load_template

PERSONAL = {"AWS_ACCESS_KEY_ID": "AKIAPERSONAL", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_PROFILE": "work"}
SERVICES = BackingServices("postgresql://u:p@h/d", "http://127.0.0.1:1", Queues("q", "arn", "d"))


def test_without_any_variable_there_are_defaults() -> None:
    configuration = read_configuration({})

    assert configuration.port == 8000
    assert configuration.data_folder.name == ".convoke"
    assert (configuration.data_folder.parent / "infra" / "template.yaml").exists()
    assert configuration.database_url is None
    assert configuration.sqs_endpoint_url is None
    assert configuration.relay_tick_seconds == 10


def test_empty_variables_count_as_missing() -> None:
    empty = {"CONVOKE_PORT": "", "DATABASE_URL": "", "CONVOKE_DATA_DIR": ""}

    assert replace(read_configuration(empty), environment={}) == read_configuration({})


def test_a_relative_data_folder_is_taken_from_here() -> None:
    assert read_configuration({"CONVOKE_DATA_DIR": "data"}).data_folder == Path.cwd() / "data"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONVOKE_PORT", "http"),
        ("CONVOKE_PORT", "65536"),
        ("CONVOKE_PORT", "-1"),
        ("CONVOKE_PORT", "٨٠"),
        ("CONVOKE_RELAY_TICK_SECONDS", "0"),
        ("CONVOKE_VISIBILITY_SECONDS", "43201"),
        ("DATABASE_URL", "mysql://localhost/x"),
    ],
)
def test_a_value_that_cannot_be_is_an_error_that_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(LocalStackError, match=name):
        read_configuration({name: value})


def test_the_embedded_sqs_never_sees_a_person_s_credentials() -> None:
    variables = find_aws_variables(read_configuration(PERSONAL), "http://127.0.0.1:1")

    assert not set(PERSONAL.values()) & set(variables.values())
    assert variables["AWS_ENDPOINT_URL_SQS"] == "http://127.0.0.1:1"


def test_a_chosen_sqs_gets_the_person_s_credentials_and_region() -> None:
    endpoint = "https://sqs.eu-central-1.amazonaws.com"
    environment = {**PERSONAL, "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_SQS": endpoint}

    variables = find_aws_variables(read_configuration(environment), endpoint)

    assert variables == {**environment, "AWS_DEFAULT_REGION": "eu-central-1"}


def test_a_chosen_sqs_without_credentials_gets_stand_ins() -> None:
    environment = {"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:9324"}

    variables = find_aws_variables(read_configuration(environment), "http://127.0.0.1:9324")

    assert variables["AWS_ACCESS_KEY_ID"] == "local"
    assert variables["AWS_REGION"] == "us-east-1"


def test_the_functions_are_those_of_the_template_with_local_addresses() -> None:
    template = load_template()

    deployment = plan_deployment(template, read_configuration({}), SERVICES)

    worker = template.function("NotifyWorkerFunction")
    assert deployment.worker.handler == worker.handler
    assert deployment.worker.timeout_seconds == worker.timeout_seconds
    variables = deployment.worker.variables
    assert (variables["DATABASE_URL"], variables["QUEUE_URL"], variables["STAGE"]) == (
        "postgresql://u:p@h/d",
        "q",
        "local",
    )
    assert variables["MAX_RECEIVE_COUNT"] == str(template.queue().max_receive_count)
    assert variables["RELAY_TICK_SECONDS"] == "10"
    assert deployment.api.variables["CREATE_QUOTA"] == "100000"
    assert deployment.api.variables["WAVE_QUOTA"] == "10000000"
    assert deployment.api.variables["NOTIFICATION_QUOTA"] == "10000000"


def test_tests_may_shorten_visibility_and_tick() -> None:
    environment = {"CONVOKE_VISIBILITY_SECONDS": "5", "CONVOKE_RELAY_TICK_SECONDS": "1"}

    template, configuration = load_template(), read_configuration(environment)
    deployment = plan_deployment(template, configuration, SERVICES)

    assert visibility_seconds(template, configuration) == 5
    assert deployment.relay.variables["RELAY_TICK_SECONDS"] == "1"
