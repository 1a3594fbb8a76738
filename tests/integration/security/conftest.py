"""The security list of the design, line by line.

 1  every route but /health needs a token        tests/contract/template (rules/gateway.py)
 2  no claims, no response                          test_claims.py
 3  another's object is a missing one             test_object_authorization.py
 4  an address tells nothing of its owner         test_existence.py
 5  nobody sets what is not theirs to set         test_mass_assignment.py
 6  everything has a limit                        test_limits.py
 7  anything may be sent                          tests/integration/fuzz
 8  values are bound, never part of a statement   test_bound_parameters.py
 9  logs and messages name nobody                 test_logs.py
10  a message is trusted for an id alone          test_messages.py
14  a cursor opens one list of one person         test_cursors.py
15  who is erased is gone                         tests/integration/changes/test_erasure.py
"""

from collections.abc import Iterator
from itertools import count

import pytest
from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from convoke_api.settings import ApiSettings
from integration.api.client import current_loop
from integration.changes.world import TIMEOUT_SECONDS, World
from sqlalchemy import make_url

_numbers = count(1)


@pytest.fixture(scope="session")
def security_database_url(postgres_url: str, template_database: str) -> str:
    """A database with all migrations applied, for all tests of security."""
    engine = make_engine(postgres_url, timeout_seconds=TIMEOUT_SECONDS, application_name="tests")
    try:
        with autocommit(engine) as connection:
            connection.exec_driver_sql(f"CREATE DATABASE security TEMPLATE {template_database}")
    finally:
        engine.dispose()
    return make_url(postgres_url).set(database="security").render_as_string(hide_password=False)


@pytest.fixture
def world(security_database_url: str) -> Iterator[World]:
    """The API and the worker over the shared database, for people of this test alone."""
    settings = ApiSettings(
        database_url=security_database_url,
        stage="test",
        create_quota=100_000,
        wave_quota=10**6,
        notification_quota=10**8,
    )
    with current_loop():
        made = World(security_database_url, f"test-{next(_numbers)}.example.org", settings)
        yield made
        made.close()
