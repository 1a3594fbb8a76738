"""Runs producers and faults, then a drain, then the check."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
from chaos.callers import Caller
from chaos.checker import check
from chaos.faults import Faults
from chaos.kill_points import KILL_POINTS
from chaos.ledger import Ledger, Outcome
from chaos.producers import Producer
from chaos.rates import CRASH, EXHAUST, PURGE, RATES, TERMINATE, Schedule
from chaos.replays import replay
from chaos.snapshots import take_snapshot
from chaos.system import System
from convoke.database.engine import make_engine
from convoke.database.transactions import autocommit
from convoke.outbox import PENDING
from convoke_local.stack.logs import log_to
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

_PEOPLE = 40
_PRODUCERS = 14
#: Seconds after the faults in which callers learn their outcomes.
_SETTLE_SECONDS = 15

# What is due, or will be before a person would notice.
_UNFINISHED = text(f"""
SELECT count(*) FROM outbox WHERE {PENDING} AND due_at <= now() + interval '1 minute'
""")


@dataclass(frozen=True)
class Goals:
    """The goals of a run: at least `seconds`, until all counts are reached, at most `most_seconds`."""

    seconds: float
    most_seconds: float
    events: int = 0
    faults: int = 0
    #: The longest wait for undelivered rows after the last fault.
    drain_seconds: float = 60


@dataclass
class Report:
    """The counts and findings of a run."""

    seed: int
    mutant: str
    faults_seconds: float
    drain_seconds: float | None
    events: int
    notifications: int
    operations: dict[str, int]
    faults: dict[str, int]
    findings: dict[str, list[str]] = field(default_factory=dict)

    @property
    def total_faults(self) -> int:
        """Return the number of all faults."""
        return sum(self.faults.values())

    def as_json(self) -> dict[str, Any]:
        """Return the report for a JSON file."""
        return {**asdict(self), "total_faults": self.total_faults}


def run(folder: Path, seed: int, goals: Goals, *, mutant: str = "") -> Report:
    """Run the system under faults drawn from `seed`; `folder` is empty and this run's own."""
    faults = Faults(RATES | dict.fromkeys((CRASH, TERMINATE, EXHAUST, PURGE), 0.0), seed)
    with log_to(folder / "harness.log"), closing(System(folder, faults, seed, mutant=mutant)) as system:
        ledger = Ledger()
        people = _sign_in(system)
        started_at = time.monotonic()
        with _producing(system, people, ledger, seed) as stopping:
            faults.arm()
            _cause_faults(system, faults, ledger, seed, goals)
            faults.disarm()
            system.kill_orders.withdraw()
            last_fault_at = max(faults.last_at, time.monotonic())
            stopping.set()
        drained_at = _drain(system, last_fault_at + goals.drain_seconds)
        accepted = list(system.queue_proxy.accepted)
        if drained_at is not None:
            replay(system.client, system.queues.url, accepted, random.Random(seed))
        snapshot = take_snapshot(system.database.direct_url)
        findings = check(ledger, snapshot, accepted)
        if drained_at is None:
            findings.outbox.append(f"rows are still undelivered {goals.drain_seconds} s after the last fault")
        outcomes = [it.outcome for plan in ledger.events for it in plan.operations]
        return Report(
            seed,
            mutant,
            round(last_fault_at - started_at, 1),
            None if drained_at is None else round(drained_at - last_fault_at, 1),
            len(snapshot.events),
            len(snapshot.notifications),
            {outcome.value: outcomes.count(outcome) for outcome in Outcome},
            faults.counts() | dict(system.kill_orders.counts()),
            findings.describe(),
        )


def _sign_in(system: System) -> list[tuple[str, str]]:
    people = []
    with httpx.Client(base_url=system.url, timeout=30) as client:
        for number in range(_PEOPLE):
            address = f"person-{number}@example.org"
            response = client.get("/v1/me", headers={"Authorization": f"Bearer {system.token_of(address)}"})
            people.append((address, response.raise_for_status().json()["id"]))
    return people


@contextmanager
def _producing(
    system: System, people: list[tuple[str, str]], ledger: Ledger, seed: int
) -> Iterator[threading.Event]:
    stopping = threading.Event()
    give_up_at = float("inf")
    tokens = {address: system.token_of(address) for address, _ in people}

    def make_caller(chance: random.Random) -> Caller:
        return Caller(system.url, tokens.__getitem__, ledger, chance, lambda: time.monotonic() > give_up_at)

    failures: list[BaseException] = []

    def produce(producer: Producer) -> None:
        try:
            producer.run(stopping)
        except BaseException as error:  # noqa: BLE001 - the waiting thread raises it
            failures.append(error)

    threads = [
        threading.Thread(
            target=produce,
            args=(Producer(f"s{seed}p{n}", people, ledger, random.Random(f"{seed}/{n}"), make_caller),),
        )
        for n in range(_PRODUCERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield stopping
    finally:
        stopping.set()
        give_up_at = time.monotonic() + _SETTLE_SECONDS
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]


def _cause_faults(system: System, faults: Faults, ledger: Ledger, seed: int, goals: Goals) -> None:
    chance = random.Random(f"{seed}/director")
    schedule = Schedule(seed)

    def purge() -> None:
        system.client.purge_queue(QueueUrl=system.queues.url)
        faults.count(PURGE)

    # Slow actions run one after the other, beside the quick ones.
    slow = ThreadPoolExecutor(1)
    begun: list[Future[None]] = []
    actions = {
        CRASH: lambda: begun.append(slow.submit(system.database.crash)),
        TERMINATE: lambda: system.database.terminate(chance),
        EXHAUST: lambda: begun.append(slow.submit(system.database.exhaust, 0.5)),
        PURGE: purge,
        "kill": lambda: system.kill_orders.give(chance.choice(KILL_POINTS)),
    }
    started_at = time.monotonic()
    with slow:
        while (elapsed := time.monotonic() - started_at) < goals.most_seconds:
            if elapsed >= goals.seconds and _is_enough(system, faults, ledger, goals):
                break
            schedule.run_due(sum(len(plan.operations) for plan in list(ledger.events)), actions)
            time.sleep(0.02)
    for future in begun:
        future.result()


def _is_enough(system: System, faults: Faults, ledger: Ledger, goals: Goals) -> bool:
    counts = faults.counts() | dict(system.kill_orders.counts())
    committed = sum(bool(plan.event_id) for plan in ledger.events)
    return committed >= goals.events and sum(counts.values()) >= goals.faults


def _drain(system: System, deadline: float) -> float | None:
    """Wait until no row is undelivered; return the seconds, None after the deadline."""
    engine = make_engine(system.database.direct_url, timeout_seconds=10, application_name="chaos-drain")
    try:
        while time.monotonic() < deadline:
            try:
                with autocommit(engine) as connection:
                    if connection.execute(_UNFINISHED).scalar_one() == 0:
                        return time.monotonic()
            except (SQLAlchemyError, OSError):
                continue
            time.sleep(0.1)
        return None
    finally:
        engine.dispose()
