"""Produces a run's operations on events: drawn from the seed, sent over HTTP, recorded in the ledger."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from chaos.callers import Caller, Request
from chaos.ledger import Kind, Ledger, Operation, Outcome, PlannedEvent

_STATUSES = ("accepted", "declined", "tentative")


class Producer:
    """Creates events one after the other and changes each by some operations. For one thread."""

    def __init__(
        self,
        name: str,
        people: Sequence[tuple[str, str]],
        ledger: Ledger,
        chance: random.Random,
        make_caller: Callable[[random.Random], Caller],
    ) -> None:
        """`people`: addresses and ids of the people who have signed in."""
        self._name = name
        self._people = people
        self._ids = dict(people)
        self._ledger = ledger
        self._chance = chance
        self._caller = make_caller(chance)
        # For operations concurrent with this producer's own.
        self._concurrent = make_caller(random.Random(chance.random()))
        self._threads = ThreadPoolExecutor(1)
        self._count = 0

    def run(self, stopping: threading.Event) -> None:
        """Produce until `stopping` is set."""
        try:
            while not stopping.is_set():
                self._change(self._create())
        finally:
            self._threads.shutdown()
            self._caller.close()
            self._concurrent.close()

    def _change(self, plan: PlannedEvent) -> None:
        chance = self._chance
        steps: list[Callable[[PlannedEvent], None]] = [self._respond] * chance.randint(0, 1)
        steps += [self._update] * chance.randint(0, 1)
        if not plan.reminded:
            steps += [self._invite] * (chance.random() < 0.25) + [self._remove] * (chance.random() < 0.2)
        chance.shuffle(steps)
        if chance.random() < 0.3:
            steps.append(chance.choice((self._cancel, self._reschedule, self._cancel_during_a_change)))
        for step in steps:
            if not plan.is_settled or not plan.event_id:
                return
            step(plan)

    def _create(self) -> PlannedEvent:
        chance = self._chance
        self._count += 1
        name = f"{self._name}.{self._count}"
        (organizer, _), *guests = chance.sample(self._people, chance.randint(5, 9))
        plan = PlannedEvent(name, organizer, tag=f"[{name}/0]", reminded=chance.random() < 0.3)
        newcomers = [f"{name}-{number}@guests.example.org" for number in range(chance.choice((0, 0, 0, 2)))]
        plan.participants = [address for address, _ in guests] + newcomers
        starts_at = datetime.now(UTC) + (
            # A reminder in some seconds, or none before next year.
            timedelta(seconds=60 + chance.uniform(1, 6)) if plan.reminded else timedelta(days=400)
        )
        body = {
            "title": f"Chaos {plan.tag}",
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
            "time_zone": "Europe/Moscow",
            "participant_ids": [user_id for _, user_id in guests],
            "participant_emails": newcomers,
            "reminder_minutes": [1],
        }
        operation = Operation(Kind.CREATE, organizer, plan.tag, recipients=tuple(plan.participants))
        plan.begin(operation)
        self._ledger.events.append(plan)
        response = self._call(operation, Request("POST", "/v1/events", body))
        if response is not None:
            plan.event_id = response.json()["id"]
            plan.etag = response.headers["etag"]
        return plan

    def _update(self, plan: PlannedEvent, **fields: Any) -> None:
        tag = f"[{plan.name}/{len(plan.operations)}]"
        operation = plan.begin(
            Operation(Kind.UPDATE, plan.organizer, tag, recipients=tuple(plan.participants))
        )
        body = {"title": f"Chaos {tag}", **fields}
        path = f"/v1/events/{plan.event_id}"
        response = self._call(operation, Request("PATCH", path, body, if_match=plan.etag))
        if response is not None:
            plan.tag, plan.etag = tag, response.headers["etag"]

    def _reschedule(self, plan: PlannedEvent) -> None:
        starts_at = datetime.now(UTC) + timedelta(days=500)
        self._update(
            plan, starts_at=starts_at.isoformat(), ends_at=(starts_at + timedelta(hours=1)).isoformat()
        )

    def _cancel(self, plan: PlannedEvent) -> None:
        operation = plan.begin(
            Operation(Kind.CANCEL, plan.organizer, plan.tag, recipients=tuple(plan.participants))
        )
        self._call(operation, Request("DELETE", f"/v1/events/{plan.event_id}"), caller=self._concurrent)

    def _cancel_during_a_change(self, plan: PlannedEvent) -> None:
        cancelling = self._threads.submit(self._cancel, plan)
        self._reschedule(plan)
        cancelling.result()

    def _invite(self, plan: PlannedEvent) -> None:
        # Not people who were removed: the effect of the removal could not be read any more.
        removed = {person for it in plan.operations if it.kind is Kind.REMOVE for person in it.people}
        known = removed.union(plan.participants)
        newcomers = [person for person in self._people if person[0] not in known]
        newcomers = self._chance.sample([it for it in newcomers if it[0] != plan.organizer], 3)
        addresses = tuple(address for address, _ in newcomers)
        operation = Operation(Kind.INVITE, plan.organizer, plan.tag, recipients=addresses, people=addresses)
        plan.begin(operation)
        body = {"participant_ids": [user_id for _, user_id in newcomers]}
        response = self._call(operation, Request("POST", f"/v1/events/{plan.event_id}/participants", body))
        if response is not None:
            plan.participants += addresses
            if response.json() != {"added": 3}:
                self._ledger.surprises.append(f"{operation} got the response {response.text}")

    def _remove(self, plan: PlannedEvent) -> None:
        address = self._chance.choice([it for it in plan.participants if it in self._ids])
        operation = Operation(Kind.REMOVE, plan.organizer, plan.tag, recipients=(address,), people=(address,))
        plan.begin(operation)
        path = f"/v1/events/{plan.event_id}/participants/{self._ids[address]}"
        if self._call(operation, Request("DELETE", path, done_before=(404,))) is not None:
            plan.participants.remove(address)

    def _respond(self, plan: PlannedEvent) -> None:
        # Each person once: a late RSVP would otherwise undo a later one.
        responded = {it.actor for it in plan.operations if it.kind is Kind.RESPOND}
        able = [it for it in plan.participants if it in self._ids and it not in responded]
        if not able:
            return
        person, status = self._chance.choice(able), self._chance.choice(_STATUSES)
        operation = Operation(
            Kind.RESPOND,
            person,
            plan.tag,
            recipients=(plan.organizer,),
            people=(person,),
            response_status=status,
        )
        plan.begin(operation)
        path = f"/v1/events/{plan.event_id}/participants/me"
        self._call(operation, Request("PATCH", path, {"response_status": status}))

    def _call(self, operation: Operation, request: Request, caller: Caller | None = None) -> Any:
        """Send the request and settle the operation; return the response of a success, else None."""
        outcome, response = (caller or self._caller).call(operation.actor, request)
        operation.settle(outcome)
        return response if outcome is Outcome.ACKNOWLEDGED else None
