"""What people do to meetings in a run: drawn from the seed, done over HTTP, written into the ledger."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from chaos.callers import Caller, Request
from chaos.ledger import Kind, Ledger, Meeting, Operation, Outcome

_ANSWERS = ("accepted", "declined", "tentative")


class Producer:
    """Makes meetings one after the other, each with a life of some operations. For one thread."""

    def __init__(
        self,
        name: str,
        people: Sequence[tuple[str, str]],
        ledger: Ledger,
        chance: random.Random,
        make_caller: Callable[[random.Random], Caller],
    ) -> None:
        """`people`: addresses and ids of those who have signed in."""
        self._name = name
        self._people = people
        self._ids = dict(people)
        self._ledger = ledger
        self._chance = chance
        self._caller = make_caller(chance)
        # For what happens beside what this producer does.
        self._beside = make_caller(random.Random(chance.random()))
        self._threads = ThreadPoolExecutor(1)
        self._count = 0

    def run(self, stopping: threading.Event) -> None:
        """Produce until told to stop."""
        try:
            while not stopping.is_set():
                self._live(self._create())
        finally:
            self._threads.shutdown()
            self._caller.close()
            self._beside.close()

    def _live(self, meeting: Meeting) -> None:
        chance = self._chance
        steps: list[Callable[[Meeting], None]] = [self._answer] * chance.randint(0, 1)
        steps += [self._update] * chance.randint(0, 1)
        if not meeting.reminded:
            steps += [self._invite] * (chance.random() < 0.25) + [self._remove] * (chance.random() < 0.2)
        chance.shuffle(steps)
        if chance.random() < 0.3:
            steps.append(chance.choice((self._cancel, self._reschedule, self._cancel_beside_a_change)))
        for step in steps:
            if not meeting.is_settled or not meeting.event_id:
                return
            step(meeting)

    def _create(self) -> Meeting:
        chance = self._chance
        self._count += 1
        name = f"{self._name}.{self._count}"
        (organizer, _), *guests = chance.sample(self._people, chance.randint(5, 9))
        meeting = Meeting(name, organizer, tag=f"[{name}/0]", reminded=chance.random() < 0.3)
        strangers = [f"{name}-{number}@guests.example.org" for number in range(chance.choice((0, 0, 0, 2)))]
        meeting.participants = [address for address, _ in guests] + strangers
        starts_at = datetime.now(UTC) + (
            # A reminder in some seconds, or none before next year.
            timedelta(seconds=60 + chance.uniform(1, 6)) if meeting.reminded else timedelta(days=400)
        )
        body = {
            "title": f"Chaos {meeting.tag}",
            "starts_at": starts_at.isoformat(),
            "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
            "time_zone": "Europe/Moscow",
            "participant_ids": [user_id for _, user_id in guests],
            "participant_emails": strangers,
            "reminder_minutes": [1],
        }
        operation = Operation(Kind.CREATE, organizer, meeting.tag, told=tuple(meeting.participants))
        meeting.begin(operation)
        self._ledger.meetings.append(meeting)
        answer = self._call(operation, Request("POST", "/v1/events", body))
        if answer is not None:
            meeting.event_id = answer.json()["id"]
            meeting.etag = answer.headers["etag"]
        return meeting

    def _update(self, meeting: Meeting, **fields: Any) -> None:
        tag = f"[{meeting.name}/{len(meeting.operations)}]"
        operation = meeting.begin(
            Operation(Kind.UPDATE, meeting.organizer, tag, told=tuple(meeting.participants))
        )
        body = {"title": f"Chaos {tag}", **fields}
        path = f"/v1/events/{meeting.event_id}"
        answer = self._call(operation, Request("PATCH", path, body, if_match=meeting.etag))
        if answer is not None:
            meeting.tag, meeting.etag = tag, answer.headers["etag"]

    def _reschedule(self, meeting: Meeting) -> None:
        starts_at = datetime.now(UTC) + timedelta(days=500)
        self._update(
            meeting, starts_at=starts_at.isoformat(), ends_at=(starts_at + timedelta(hours=1)).isoformat()
        )

    def _cancel(self, meeting: Meeting) -> None:
        operation = meeting.begin(
            Operation(Kind.CANCEL, meeting.organizer, meeting.tag, told=tuple(meeting.participants))
        )
        self._call(operation, Request("DELETE", f"/v1/events/{meeting.event_id}"), caller=self._beside)

    def _cancel_beside_a_change(self, meeting: Meeting) -> None:
        cancelling = self._threads.submit(self._cancel, meeting)
        self._reschedule(meeting)
        cancelling.result()

    def _invite(self, meeting: Meeting) -> None:
        # Nobody who was removed: whether the removal took effect could not be told any more.
        removed = {who for it in meeting.operations if it.kind is Kind.REMOVE for who in it.people}
        known = removed.union(meeting.participants)
        newcomers = [person for person in self._people if person[0] not in known]
        newcomers = self._chance.sample([it for it in newcomers if it[0] != meeting.organizer], 3)
        addresses = tuple(address for address, _ in newcomers)
        operation = Operation(Kind.INVITE, meeting.organizer, meeting.tag, told=addresses, people=addresses)
        meeting.begin(operation)
        body = {"participant_ids": [user_id for _, user_id in newcomers]}
        answer = self._call(operation, Request("POST", f"/v1/events/{meeting.event_id}/participants", body))
        if answer is not None:
            meeting.participants += addresses
            if answer.json() != {"added": 3}:
                self._ledger.surprises.append(f"{operation} answered {answer.text}")

    def _remove(self, meeting: Meeting) -> None:
        address = self._chance.choice([it for it in meeting.participants if it in self._ids])
        operation = Operation(Kind.REMOVE, meeting.organizer, meeting.tag, told=(address,), people=(address,))
        meeting.begin(operation)
        path = f"/v1/events/{meeting.event_id}/participants/{self._ids[address]}"
        if self._call(operation, Request("DELETE", path, done_before=(404,))) is not None:
            meeting.participants.remove(address)

    def _answer(self, meeting: Meeting) -> None:
        # Each person once: an answer that comes late would otherwise undo a later one.
        answered = {it.actor for it in meeting.operations if it.kind is Kind.ANSWER}
        able = [it for it in meeting.participants if it in self._ids and it not in answered]
        if not able:
            return
        person, status = self._chance.choice(able), self._chance.choice(_ANSWERS)
        operation = Operation(
            Kind.ANSWER,
            person,
            meeting.tag,
            told=(meeting.organizer,),
            people=(person,),
            response_status=status,
        )
        meeting.begin(operation)
        path = f"/v1/events/{meeting.event_id}/participants/me"
        self._call(operation, Request("PATCH", path, {"response_status": status}))

    def _call(self, operation: Operation, request: Request, caller: Caller | None = None) -> Any:
        """The answer to a success; None otherwise. The operation is settled."""
        outcome, answer = (caller or self._caller).call(operation.actor, request)
        operation.settle(outcome)
        return answer if outcome is Outcome.ACKNOWLEDGED else None
