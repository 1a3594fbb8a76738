"""Deliver outbox rows: lock, put into words, claim. At most three statements, however many people."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from convoke.domain import NotificationType
from convoke.errors import UnrenderablePayloadError
from sqlalchemy import Connection

from convoke_worker.locales import Form, Locales, Reader
from convoke_worker.notification_statements import UndeliveredRow, claim, lock_undelivered
from convoke_worker.outcomes import Delivery
from convoke_worker.rendering.payloads import Payload, parse_payload
from convoke_worker.rendering.texts import Text, render


def deliver(
    connection: Connection, outbox_ids: Iterable[UUID], forms: Locales, *, tolerant: bool = False
) -> list[Delivery]:
    """Deliver what is owed among `outbox_ids`, all or nothing; the caller commits.

    Returns one Delivery for each id. Raises UnrenderablePayloadError when one of the rows cannot be put
    into words, and whatever the database raises. `tolerant` for a single row, after a batch has failed.
    """
    wanted = list(dict.fromkeys(outbox_ids))
    started_at = time.perf_counter()
    rows = lock_undelivered(connection, wanted)
    facts = {row.id: _read(row) for row in rows}
    others = [outbox_id for outbox_id in wanted if outbox_id not in facts]

    def attempt(
        readers: Mapping[Reader, Form], *, final: bool
    ) -> tuple[Sequence[Delivery], Sequence[Reader]]:
        needed = {forms.default, *readers.values()}
        outcome = claim(
            connection,
            {row: _whom_not_to_tell(fact) for row, fact in facts.items()},
            others,
            readers,
            _render_all(facts, needed),
            default=forms.default,
            final=final,
            tolerant=tolerant,
        )
        return outcome.deliveries, outcome.unrendered

    deliveries, strangers = attempt(forms.list_recent(), final=False)
    if strangers:
        # Whoever changes locale or zone between the two is told in the default form, and not dropped.
        deliveries, _ = attempt(forms.meet(strangers), final=True)
    elapsed_ms = (time.perf_counter() - started_at) * 1000
    ages = {row.id: row.age_ms + elapsed_ms for row in rows}
    return [replace(delivery, latency_ms=ages.get(delivery.outbox_id, 0)) for delivery in deliveries]


def _read(row: UndeliveredRow) -> Payload:
    fact = parse_payload(row.type, row.payload)
    if row.everybody and fact.type is not NotificationType.EVENT_REMINDER:
        raise UnrenderablePayloadError("the outbox row has no recipients and is no reminder")
    return fact


def _whom_not_to_tell(fact: Payload) -> UUID | None:
    # A reminder is nobody's act: the organizer is reminded too.
    return None if fact.type is NotificationType.EVENT_REMINDER else fact.actor_id


def _render_all(facts: Mapping[UUID, Payload], needed: Iterable[Form]) -> dict[tuple[UUID, Form], Text]:
    return {
        (row, form): render(fact, language=form.language, zone=form.zone)
        for form in needed
        for row, fact in facts.items()
    }
