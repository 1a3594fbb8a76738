"""An API whose database is behind a proxy that loses connections."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chaos.database_proxy import DatabaseProxy
from chaos.faults import Faults
from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from convoke.observability import make_logger, make_metrics
from convoke_api.dependencies import Services
from convoke_api.invocation import make_handler
from convoke_api.settings import ApiSettings
from integration.api.client import Client, RecordingQueue, current_loop
from sqlalchemy import Engine, make_url, text

#: No answer of the database takes longer than this and two seconds more.
TIMEOUT_SECONDS = 1


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Collects dead connections within the test that made them."""
    yield
    gc.collect()


@dataclass
class Setting:
    """Somebody who calls the API, the proxy behind it, and a look past both."""

    client: Client
    proxy: DatabaseProxy
    queue: RecordingQueue
    engine: Engine

    def query(self, statement: str, **values: Any) -> list[Any]:
        with autocommit(self.engine) as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    def create(self, key: str) -> Any:
        """Create an event for two guests, by a request with this Idempotency-Key."""
        body = {
            "title": "Planning",
            "starts_at": "2040-05-20T10:00:00Z",
            "ends_at": "2040-05-20T11:00:00Z",
            "participant_emails": ["bob@example.org", "carol@example.org"],
        }
        return self.client.post("/v1/events", body, headers={"idempotency-key": key})


@pytest.fixture
def make_setting(database_url: str, engine: Engine) -> Iterator[Callable[..., Setting]]:
    """Makes a setting; `user` of the database and whether it sleeps can be chosen."""
    closing: list[Callable[[], None]] = []

    def make(*, asleep: bool = False, signed_in: bool = True, user: str = "") -> Setting:
        address = make_url(database_url)
        proxy = DatabaseProxy(address.port or 0, Faults({}, seed=1), asleep=asleep)
        url = address.set(port=proxy.port)
        if user:
            url = url.set(username=user, password=user)
        behind = make_engine(
            url.render_as_string(hide_password=False),
            timeout_seconds=TIMEOUT_SECONDS,
            application_name="behind-the-proxy",
        )
        queue = RecordingQueue()
        settings = ApiSettings(database_url="", create_quota=1000, wave_quota=10**6, notification_quota=10**8)
        services = Services(behind, queue, settings, make_logger("api"), make_metrics("api", "test"))
        claims = {"sub": "ada", "email": "ada@example.org", "email_verified": "true", "name": "Ada"}
        client = Client(make_handler(services), claims)
        closing.extend([proxy.close, behind.dispose])
        if signed_in:
            assert client.get("/v1/me").status == 200
        return Setting(client, proxy, queue, engine)

    with current_loop():
        yield make
        for close in reversed(closing):
            close()


@pytest.fixture
def setting(make_setting: Callable[..., Setting]) -> Setting:
    """A caller who is known, with a pooled connection."""
    return make_setting()
