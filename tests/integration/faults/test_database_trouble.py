"""Responses while the database is in trouble, and the effect of those requests."""

import threading
from collections.abc import Callable

import pytest
from integration.api.client import Response, check_problem
from integration.faults.conftest import Setting
from support.processes import wait_until

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

NO_EFFECT = ["database.cut_before", "database.hang_before"]
EVENTS = "SELECT count(*) FROM events"


def check_unavailable(response: Response) -> None:
    """503, and when to try again (RFC 9110, 10.2.3)."""
    check_problem(response, 503)
    assert int(response.headers["retry-after"]) >= 1


@pytest.mark.parametrize("fault", [*NO_EFFECT, "database.cut_after_autocommit"])
def test_a_creation_in_doubt_gets_a_503_and_repeated_with_its_key_is_one_event(
    setting: Setting, fault: str
) -> None:
    setting.create("first")
    setting.proxy.faults.force(fault)

    check_unavailable(setting.create("in doubt"))

    again = setting.create("in doubt")
    assert again.status == 201
    assert again.headers.get("idempotency-replayed") == (None if fault in NO_EFFECT else "true")
    assert setting.query(EVENTS) == [(2,)]


@pytest.mark.parametrize("fault", [*NO_EFFECT, "database.cut_after_commit", "database.hang_after_commit"])
def test_a_change_in_doubt_gets_a_503_and_repeated_notifies_everybody_once(
    setting: Setting, fault: str
) -> None:
    event = setting.create("first").json
    setting.proxy.faults.force(fault)

    check_unavailable(setting.client.patch(f"/v1/events/{event['id']}", {"title": "Moved"}))

    again = setting.client.patch(f"/v1/events/{event['id']}", {"title": "Moved"})
    assert (again.status, again.json["title"], again.json["version"]) == (200, "Moved", 2)
    assert setting.query("SELECT count(*) FROM outbox WHERE type = 'event_updated'") == [(1,)]


def test_nothing_is_sent_for_a_change_whose_commit_is_in_doubt(setting: Setting) -> None:
    event = setting.create("first").json
    setting.queue.sent.clear()
    setting.proxy.faults.force("database.cut_after_commit")

    check_unavailable(setting.client.delete(f"/v1/events/{event['id']}"))

    # The row is committed and owed: the relay sends it.
    assert setting.queue.sent == []
    assert setting.query("SELECT count(*) FROM outbox WHERE type = 'event_cancelled'") == [(1,)]


def test_a_connection_that_cannot_be_made_is_503(make_setting: Callable[..., Setting]) -> None:
    setting = make_setting(signed_in=False)
    setting.proxy.faults.force("database.refuse")

    check_unavailable(setting.create("key"))

    assert setting.create("key").status == 201


def test_a_session_that_was_ended_while_idle_costs_nobody_an_error(setting: Setting) -> None:
    for number in range(3):
        setting.query(
            """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
               WHERE application_name = 'behind-the-proxy'"""
        )
        # The server has closed the connection; the proxy is to hand that on.
        wait_until(lambda: setting.proxy.connections == 0)
        assert setting.create(f"key {number}").status == 201


def test_a_database_that_wakes_up_in_time_is_waited_for(make_setting: Callable[..., Setting]) -> None:
    setting = make_setting(asleep=True, signed_in=False)
    alarm = threading.Timer(1.5, setting.proxy.wake)
    alarm.start()

    assert setting.create("key").status == 201

    alarm.join()


def test_a_database_that_does_not_wake_up_is_503(make_setting: Callable[..., Setting]) -> None:
    setting = make_setting(asleep=True, signed_in=False)

    check_unavailable(setting.create("key"))


def test_too_many_connections_are_503(make_setting: Callable[..., Setting], setting: Setting) -> None:
    # 53300, as when the whole server is full.
    setting.query("CREATE ROLE crowded LOGIN PASSWORD 'crowded' CONNECTION LIMIT 0")
    try:
        check_unavailable(make_setting(signed_in=False, user="crowded").create("key"))
    finally:
        setting.query("DROP ROLE crowded")


@pytest.mark.parametrize("state", ["40P01", "40001", "57014", "55P03", "53100"])
def test_what_the_server_calls_passing_is_503_and_leaves_nothing(setting: Setting, state: str) -> None:
    setting.query(
        f"""CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"""
    )
    setting.query("CREATE TRIGGER fail BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION fail()")

    check_unavailable(setting.create("key"))

    assert setting.query(EVENTS) == [(0,)]
    setting.query("DROP TRIGGER fail ON outbox")
    assert setting.create("key").status == 201
    assert setting.query(EVENTS) == [(1,)]
