"""Delivers outbox rows: lock, render, claim. At most three statements, whatever the number of recipients."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from convoke.errors import UnrenderablePayloadError
from convoke.notifications import Recipients
from sqlalchemy import Connection

from convoke_worker.locales import Locale, Locales, StoredLocale
from convoke_worker.notification_statements import UndeliveredRow, claim, lock_undelivered
from convoke_worker.outcomes import RowOutcome
from convoke_worker.rendering.payloads import Payload, parse_payload
from convoke_worker.rendering.texts import Text, render


def deliver(
    connection: Connection, outbox_ids: Iterable[UUID], locales: Locales, *, tolerant: bool = False
) -> list[RowOutcome]:
    """Deliver the undelivered rows among `outbox_ids`, all or nothing; the caller commits.

    Returns one RowOutcome for each id. Raises UnrenderablePayloadError when one of the rows cannot be
    rendered, and any error of the database. `tolerant` for a single row, after a batch has failed.
    """
    wanted = list(dict.fromkeys(outbox_ids))
    started_at = time.perf_counter()
    rows = lock_undelivered(connection, wanted)
    payloads = {row.id: _parse(row) for row in rows}
    others = [outbox_id for outbox_id in wanted if outbox_id not in payloads]

    def attempt(
        known: Mapping[StoredLocale, Locale], *, final: bool
    ) -> tuple[Sequence[RowOutcome], Sequence[StoredLocale]]:
        needed = {locales.default, *known.values()}
        result = claim(
            connection,
            {row: _find_excluded_actor(payload) for row, payload in payloads.items()},
            others,
            known,
            _render_all(payloads, needed),
            default=locales.default,
            final=final,
            tolerant=tolerant,
        )
        return result.outcomes, result.unknown_locales

    outcomes, unknown = attempt(locales.list_recent(), final=False)
    if unknown:
        # A recipient who changes locale or zone between the two claims gets the default one, and is not
        # dropped.
        outcomes, _ = attempt(locales.add(unknown), final=True)
    elapsed_ms = (time.perf_counter() - started_at) * 1000
    ages = {row.id: row.age_ms + elapsed_ms for row in rows}
    return [replace(outcome, latency_ms=ages.get(outcome.outbox_id, 0)) for outcome in outcomes]


def _parse(row: UndeliveredRow) -> Payload:
    payload = parse_payload(row.type, row.payload)
    if not row.has_recipient_ids and payload.type.recipients is Recipients.STORED:
        raise UnrenderablePayloadError("the outbox row has no recipients and is no reminder")
    return payload


def _find_excluded_actor(payload: Payload) -> UUID | None:
    return None if payload.type.notifies_actor else payload.actor_id


def _render_all(
    payloads: Mapping[UUID, Payload], needed: Iterable[Locale]
) -> dict[tuple[UUID, Locale], Text]:
    return {
        (row, locale): render(payload, language=locale.language, zone=locale.zone)
        for locale in needed
        for row, payload in payloads.items()
    }
