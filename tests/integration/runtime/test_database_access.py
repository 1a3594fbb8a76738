"""As on AWS: no password anywhere, a token over verified TLS, and a role that has what the function needs."""

from typing import Any

import pytest
from convoke_local.sqs.queues import Queues
from integration.database_access.authority import Authority

# Fixtures.
from integration.database_access.conftest import authority, gatekeeper, role_passwords  # noqa: F401
from integration.database_access.gatekeeper import Gatekeeper
from integration.database_access.iam import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, SESSION_TOKEN
from integration.runtime.conftest import Emulate
from integration.runtime.test_functions import read_event, receive
from sqlalchemy import Engine, make_url, text


@pytest.fixture
def access(gatekeeper: Gatekeeper, authority: Authority, database_url: str) -> Any:  # noqa: F811 - the fixture
    """The variables of a function that signs in under a role."""
    database = make_url(database_url).database

    def describe(role: str) -> dict[str, str]:
        return {
            "DATABASE_URL": f"postgresql://{role}@localhost:{gatekeeper.port}/{database}",
            "DATABASE_IAM": "true",
            "DATABASE_CA": str(authority.certificates),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
            "AWS_SESSION_TOKEN": SESSION_TOKEN,
        }

    return describe


def test_the_artifacts_do_their_work_with_tokens_under_their_roles(
    emulate: Emulate,
    access: Any,
    gatekeeper: Gatekeeper,  # noqa: F811 - the fixture
    queues: Queues,
    sqs_endpoint: str,
    engine: Engine,
) -> None:
    created = emulate("ApiFunction", **access("convoke_api")).invoke(read_event("api"))
    event = {"Records": receive(queues, sqs_endpoint, 1)}
    delivered = emulate("NotifyWorkerFunction", **access("convoke_worker")).invoke(event)
    tick = emulate("OutboxRelayFunction", **access("convoke_relay")).invoke(read_event("outbox_relay"))

    assert created["statusCode"] == 201, created
    assert delivered == {"batchItemFailures": []}
    assert tick["removed"] == dict.fromkeys(tick["removed"], 0)
    assert len(gatekeeper.check.tokens) == 3
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM notifications")).scalar() == 2


def test_a_role_s_artifact_that_signs_in_as_another_cannot_deliver(
    emulate: Emulate, access: Any, queues: Queues, sqs_endpoint: str, engine: Engine
) -> None:
    emulate("ApiFunction", **access("convoke_api")).invoke(read_event("api"))
    records = receive(queues, sqs_endpoint, 1)

    response = emulate("NotifyWorkerFunction", **access("convoke_api")).invoke({"Records": records})

    assert response == {"batchItemFailures": [{"itemIdentifier": records[0]["messageId"]}]}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM notifications")).scalar() == 0
