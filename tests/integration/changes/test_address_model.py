"""Tokens, invitations and responses in any order, against the rule written down once more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from integration.api.client import Client
from integration.changes.world import EVENT_BODY, World

_numbers = count(1)
SUBJECTS, ADDRESSES = ("boris", "carol", "dora"), ("desk", "info")
#: Who holds an address that was invited before anybody proved it.
WAITING = "waiting"


@dataclass
class Invitation:
    """A participation: through which address (None: by id), whose it is, and whether they responded."""

    address: str | None
    person: str
    responded: bool = False


@dataclass
class Model:
    """The rule: an address belongs to the person whose token was issued last."""

    holders: dict[str, str] = field(default_factory=dict)
    applied: dict[str, int] = field(default_factory=dict)
    said: dict[str, tuple[str, bool]] = field(default_factory=dict)
    events: list[list[Invitation]] = field(default_factory=list)

    def prove(self, subject: str, address: str, issued_at: int, *, verified: bool) -> None:
        held = next((it for it, holder in self.holders.items() if holder == subject), None)
        unchanged = self.said.get(subject) == address and held == (address if verified else None)
        if issued_at <= self.applied.get(subject, 0) or unchanged:
            return
        self.applied[subject], self.said[subject] = issued_at, address
        holder = self.holders.get(address)
        takes = verified and (holder in (None, WAITING, subject) or self.applied[holder] < issued_at)
        if held is not None and not (takes and held == address):
            del self.holders[held]
        if takes:
            self.holders[address] = subject
            for invitations in self.events:
                self._hand_over(invitations, address, subject)

    def _hand_over(self, invitations: list[Invitation], address: str, subject: str) -> None:
        for it in [it for it in invitations if it.address == address and not it.responded]:
            if it.person == subject:
                continue
            if any(other.person == subject for other in invitations):
                invitations.remove(it)
            else:
                it.person = subject

    def invite(self, event: int, address: str) -> None:
        person = self.holders.setdefault(address, WAITING)
        # Each address has a waiting person of its own.
        named = f"{WAITING} {address}" if person == WAITING else person
        self._add(event, Invitation(address, named))

    def invite_by_id(self, event: int, subject: str) -> None:
        self._add(event, Invitation(None, subject))

    def _add(self, event: int, invitation: Invitation) -> None:
        if not any(it.person == invitation.person for it in self.events[event]):
            self.events[event].append(invitation)

    def respond(self, event: int, subject: str) -> bool:
        mine = [it for it in self.events[event] if it.person == subject]
        for it in mine:
            it.responded = True
        return bool(mine)


subjects, addresses, places = st.sampled_from(SUBJECTS), st.sampled_from(ADDRESSES), st.integers(0, 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("prove"), subjects, addresses, st.integers(0, 4), st.integers(-3, 3)),
        st.tuples(st.just("prove"), subjects, st.just("desk"), st.just(1), st.integers(1, 3)),
        st.tuples(st.just("invite"), places, st.just("desk") | addresses),
        st.tuples(st.just("invite_by_id"), places, subjects),
        st.tuples(st.just("respond"), places, subjects),
    ),
    min_size=15,
    max_size=30,
)


@settings(
    max_examples=40,
    # Shrinking would take minutes.
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=steps)
def test_every_order_of_proofs_invitations_and_responses_ends_as_the_rule_says(
    world: World, steps: Sequence[tuple[Any, ...]]
) -> None:
    tag, model, now = f"m{next(_numbers)}", Model(), 100
    anna = world.person(f"anna-{tag}")
    paths = [f"/v1/events/{anna.post('/v1/events', EVENT_BODY).json['id']}" for _ in range(2)]
    model.events = [[] for _ in paths]
    callers: dict[str, Client] = {}

    def call(subject: str, address: str, issued_at: int, *, verified: bool) -> None:
        claims = {"sub": f"{subject}-{tag}", "email": f"{address}-{tag}@{world.domain}", "name": subject}
        flags = {"email_verified": str(verified).lower(), "iat": str(issued_at)}
        callers[subject] = Client(world.handler, {**claims, **flags})
        assert callers[subject].get("/v1/me").status == 200
        model.prove(subject, address, issued_at, verified=verified)

    for number, subject in enumerate(SUBJECTS):
        call(subject, f"own-{subject}", 90 + number, verified=True)
    ids = {person.id: subject for subject, person in callers.items()}

    for step in steps:
        match step:
            case "prove", subject, address, unverified_at_zero, later:
                call(subject, address, now + later, verified=unverified_at_zero > 0)
                now = max(now, now + later)
            case "invite", event, address:
                body = {"participant_emails": [f"{address}-{tag}@{world.domain}"]}
                assert anna.post(f"{paths[event]}/participants", body).status == 200
                model.invite(event, address)
            case "invite_by_id", event, subject:
                body = {"participant_ids": [next(it for it, name in ids.items() if name == subject)]}
                assert anna.post(f"{paths[event]}/participants", body).status == 200
                model.invite_by_id(event, subject)
            case "respond", event, subject:
                response = callers[subject].patch(
                    f"{paths[event]}/participants/me", {"response_status": "accepted"}
                )
                assert response.status == (200 if model.respond(event, subject) else 404)

    for path, invitations in zip(paths, model.events, strict=True):
        shown = anna.get(path).json["participants"]
        assert sorted(ids.get(it["user_id"], WAITING) for it in shown) == sorted(
            it.person.partition(" ")[0] for it in invitations
        )
        names = {it["full_name"] for it in shown} - {None}
        assert names <= {it.person for each in model.events for it in each if it.responded}
