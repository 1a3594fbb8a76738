"""A delivery writes the notifications of a row's recipients."""

from convoke.database.engine import make_engine
from convoke_worker.handler import make_handler
from convoke_worker.settings import WorkerSettings
from integration.worker.conftest import Deliver
from integration.worker.stage import (
    PAYLOAD,
    LambdaContext,
    RecordingQueue,
    add_event,
    add_row,
    add_user,
    add_users,
    count_notifications,
    failed_ids,
    inboxes,
    query,
    sqs_event,
)
from sqlalchemy import Engine, event


def test_everybody_invited_is_notified_once_in_their_own_words(engine: Engine, deliver: Deliver) -> None:
    anna = add_user(engine, full_name="Анна Петрова")
    boris = add_user(engine, locale="ru-RU", time_zone="Europe/Moscow")
    carol = add_user(engine, locale="en_GB", time_zone="America/New_York")
    row = add_row(engine, [anna, boris, carol], payload=PAYLOAD | {"actor_id": str(anna)})

    assert failed_ids(deliver(sqs_event(row))) == []

    assert inboxes(engine) == {
        boris: [
            "Вас пригласили на встречу «Планёрка». Организатор: Анна Петрова. "
            "Когда: четверг, 5 марта 2026 г., 14:30–15:30 (UTC+3)."
        ],
        carol: [
            "You are invited to the meeting “Планёрка”. Organizer: Анна Петрова. "
            "When: Thursday, March 5, 2026, 6:30 – 7:30 AM (UTC-5)."
        ],
    }


def test_a_notification_carries_the_time_of_the_change_and_of_the_writing(
    engine: Engine, deliver: Deliver
) -> None:
    organizer, guest = add_users(engine, 2)
    event = add_event(engine, organizer, {})
    invited = add_row(engine, [guest], payload=PAYLOAD | {"actor_id": str(organizer)}, due_in=-100)
    reminder = add_row(engine, None, "event_reminder", event_id=event, due_in=-50)

    deliver(sqs_event(invited, reminder))

    for outbox_id, fact_at in ((invited, "created_at"), (reminder, "due_at")):
        ((same_time, written_later, same_event, actor),) = query(
            engine,
            f"SELECT n.created_at = o.{fact_at}, n.written_at - o.due_at BETWEEN '49 s' AND '130 s',"
            " n.event_id = o.event_id AND n.type = o.type, n.actor_id"
            " FROM notifications n JOIN outbox o USING (id) WHERE n.id = :id",
            id=outbox_id,
        )
        assert (same_time, written_later, same_event) == (True, True, True)
        assert actor == (organizer if outbox_id == invited else None)


def test_a_row_knows_how_many_it_was_written_for_and_how_many_had_muted_it(
    engine: Engine, deliver: Deliver
) -> None:
    listening = [*add_users(engine, 2), add_user(engine, muted_types=["event_updated"])]
    muting = add_users(engine, 2, muted_types=["event_invited", "event_updated"])
    row = add_row(engine, [*listening, *muting])

    deliver(sqs_event(row))

    assert set(inboxes(engine)) == set(listening)
    assert query(engine, "SELECT written, muted FROM outbox") == [(3, 2)]


def test_a_cancellation_cannot_be_muted(engine: Engine, deliver: Deliver) -> None:
    user = add_user(engine, muted_types=["event_cancelled"])
    deliver(sqs_event(add_row(engine, [user], "event_cancelled")))
    assert list(inboxes(engine)) == [user]


def test_erased_and_vanished_people_are_not_notified(engine: Engine, deliver: Deliver) -> None:
    erased, vanished, there = add_user(engine, erased=True), add_user(engine), add_user(engine)
    row = add_row(engine, [erased, vanished, there])
    query(engine, "DELETE FROM users WHERE id = :id", id=vanished)

    deliver(sqs_event(row))

    assert list(inboxes(engine)) == [there]
    assert query(engine, "SELECT written FROM outbox") == [(1,)]


def test_the_actor_is_not_notified_of_the_own_act_but_reminded_all_the_same(
    engine: Engine, deliver: Deliver
) -> None:
    organizer, guest = add_users(engine, 2)
    event = add_event(engine, organizer, {organizer: "accepted", guest: "needs_action"})
    payload = PAYLOAD | {"actor_id": str(organizer)}
    deliver(
        sqs_event(
            add_row(engine, [organizer, guest], "event_cancelled", payload=payload),
            add_row(engine, None, "event_reminder", payload=payload, event_id=event),
        )
    )
    assert {user: len(messages) for user, messages in inboxes(engine).items()} == {organizer: 1, guest: 2}


def test_a_reminder_goes_to_the_organizer_and_to_those_who_have_not_declined_by_then(
    engine: Engine, deliver: Deliver
) -> None:
    organizer, yes, maybe, silent, no, _stranger = add_users(engine, 6)
    responses = {yes: "accepted", maybe: "tentative", silent: "needs_action", no: "accepted"}
    event = add_event(engine, organizer, responses)
    row = add_row(engine, None, "event_reminder", event_id=event)
    query(engine, "UPDATE event_participants SET response_status = 'declined' WHERE user_id = :id", id=no)

    deliver(sqs_event(row))

    assert set(inboxes(engine)) == {organizer, yes, maybe, silent}


def test_a_row_without_recipients_that_is_no_reminder_notifies_nobody(
    engine: Engine, deliver: Deliver
) -> None:
    organizer, guest = add_users(engine, 2)
    event = add_event(engine, organizer, {guest: "accepted"})
    row = add_row(engine, None, "participant_removed", event_id=event)
    assert failed_ids(deliver(sqs_event(row))) == ["m0"]
    assert inboxes(engine) == {}


def test_an_actor_without_a_name_is_called_by_address_and_one_who_is_gone_by_a_neutral_word(
    engine: Engine, deliver: Deliver
) -> None:
    reader = add_user(engine, locale="en")
    nameless = add_user(engine, email="dora@example.org", full_name="")
    erased = add_user(engine, erased=True, full_name="Somebody Real")
    for actor in (nameless, erased):
        payload = PAYLOAD | {"actor_id": str(actor), "response_status": "declined"}
        deliver(sqs_event(add_row(engine, [reader], "participant_responded", payload=payload)))
    begins = [message.partition(" has")[0] for message in inboxes(engine)[reader]]
    assert begins == ["dora@example.org", "A deleted user"]


def test_a_reader_who_changes_locale_between_rendering_and_claim_is_notified_in_the_default_one(
    engine: Engine, database_url: str
) -> None:
    user = add_user(engine, locale="en", time_zone="Europe/Berlin")
    row = add_row(engine, [user])
    worker_engine = make_engine(database_url, timeout_seconds=10, application_name="worker")
    handler = make_handler(WorkerSettings(database_url=""), worker_engine, RecordingQueue())

    claims = 0

    @event.listens_for(worker_engine, "before_cursor_execute")
    def change_after_rendering(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal claims
        claims += "INSERT INTO notifications" in statement
        if claims == 2:
            # The second claim has its texts; what it reads of users comes next.
            query(engine, "UPDATE users SET locale = 'fr', time_zone = 'Asia/Tokyo'")

    response = handler(sqs_event(row), LambdaContext())
    worker_engine.dispose()

    assert claims == 2

    assert failed_ids(response) == []
    (message,) = inboxes(engine)[user]
    assert message.startswith("Вас пригласили")
    assert "11:30–12:30 (UTC)" in message


def test_ten_rows_of_a_thousand_reach_ten_thousand_people(engine: Engine, deliver: Deliver) -> None:
    users = add_users(engine, 10_000)
    rows = [add_row(engine, users[start : start + 1000]) for start in range(0, 10_000, 1000)]
    assert failed_ids(deliver(sqs_event(*rows))) == []
    assert count_notifications(engine) == 10_000
    assert len(inboxes(engine)) == 10_000
