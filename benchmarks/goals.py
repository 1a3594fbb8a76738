"""The product's goals, each a ratio within one run."""

from benchmarks.results import Goal, Subject

#: As far away as SQS.
QUEUE_MS = 5
#: Rows that the relay has delivered before it is measured.
DELIVERED = 1_000_000


def _response(system: str, participants: int) -> Subject:
    return Subject("response", system, {"participants": participants, "queue_ms": QUEUE_MS})


def _durable(system: str, participants: int) -> Subject:
    return Subject("durable", system, {"participants": participants, "queue_ms": QUEUE_MS})


def _clients(measure: str, system: str, clients: int = 32) -> Subject:
    return Subject(measure, system, {"clients": clients})


def _worker(system: str) -> Subject:
    return Subject("worker", system, {"participants": 1_000, "people": 200_000})


def _cold_start(system: str) -> Subject:
    return Subject("cold start", system, {"clock": "CPU"})


def _at_most(name: str, subject: Subject, peer: Subject | None, bound: float) -> Goal:
    return Goal(name, subject, peer, "<=", bound)


def _at_least(name: str, subject: Subject, peer: Subject | None, bound: float) -> Goal:
    return Goal(name, subject, peer, ">=", bound)


def _responses(name: str, ours: str, peer: str, bounds: dict[int, float]) -> tuple[Goal, ...]:
    return tuple(
        _at_most(f"response, N = {n:,}, {name}", _response(ours, n), _response(peer, n), bound)
        for n, bound in bounds.items()
    )


_RESPONSES = (
    *_responses("in the handler, against the floor", "convoke: handler", "floor", {10: 1.3}),
    *_responses("through Mangum, against the floor", "convoke: Mangum", "floor", {10: 1.45}),
    *_responses(
        "against BackgroundTasks, both under uvicorn",
        "convoke: uvicorn",
        "BackgroundTasks",
        {10: 1.6, 100: 0.9, 1_000: 0.45, 10_000: 0.3},
    ),
    *_responses(
        "against BackgroundTasks as on Lambda, both through Mangum",
        "convoke: Mangum",
        "BackgroundTasks: Mangum",
        {10: 0.5, 100: 0.12, 1_000: 0.025, 10_000: 0.015},
    ),
)

_DURABLE = (
    *(
        _at_most(
            f"all durable, N = {n:,}, against the best peer (Celery in chunks)",
            _durable("convoke: uvicorn", n),
            _durable("Celery: chunks", n),
            bound,
        )
        for n, bound in {1_000: 0.4, 10_000: 0.2}.items()
    ),
    _at_most(
        "all durable, N = 10, against BackgroundTasks",
        _durable("convoke: uvicorn", 10),
        _durable("BackgroundTasks", 10),
        0.9,
    ),
)

_THROUGHPUT = (
    _at_least(
        "events/s at 32 clients against the best peer (Celery in chunks)",
        _clients("throughput", "convoke: threads"),
        _clients("throughput", "Celery: chunks"),
        1.8,
    ),
    _at_most(
        "p99 at 32 clients against the best peer (Celery in chunks)",
        _clients("throughput p99", "convoke: threads"),
        _clients("throughput p99", "Celery: chunks"),
        0.5,
    ),
)

_WORKER = (
    _at_least(
        "worker rows/s against COPY of the same rows, sorted, into the same table",
        _worker("convoke: worker"),
        _worker("COPY sorted"),
        0.8,
    ),
    _at_least(
        "worker rows/s against the seed's way (ORM, a commit per row)",
        _worker("convoke: worker"),
        _worker("ORM commit per row"),
        100,
    ),
)


def _count(measure: str, name: str, system: str, participants: int, bound: float) -> Goal:
    subject = Subject(measure, system, {"participants": participants})
    return _at_most(f"{name}, N = {participants:,}", subject, None, bound)


_COUNTS = tuple(
    goal
    for n in (1, 10_000)
    for goal in (
        _count("statements", "SQL statements of a create, steady state", "convoke: create", n, 1),
        _count("statements", "SQL statements of a create, first use", "convoke: create, first use", n, 3),
        _count("statements", "SQL statements of a worker batch", "convoke: worker batch", n, 3),
        _count("queue calls", "queue calls of a create", "convoke: create", n, 1),
    )
)


def _against_key_lookup(measure: str, name: str, **parameters: int) -> Goal:
    return _at_most(
        f"{name}, against a primary-key lookup",
        Subject(measure, "convoke", parameters),
        Subject("key lookup", "primary-key lookup"),
        2,
    )


_INBOX = (
    _against_key_lookup("inbox page", "inbox page of 20 of a heavy user"),
    _against_key_lookup("inbox page", "the same page, 50,000 further down", after=50_000),
    _against_key_lookup("unread count", "unread count of a heavy user"),
)

_RELAY = (
    _at_most(
        "relay tick, 1 M delivered + 1,000 pending, against 0 delivered",
        Subject("relay tick", "convoke: relay", {"delivered": DELIVERED}),
        Subject("relay tick", "convoke: relay", {"delivered": 0}),
        1.2,
    ),
)

_COLD_STARTS = tuple(
    _at_most(
        f"cold start of the {name} against hello FastAPI + Mangum",
        _cold_start(f"convoke: {name}"),
        _cold_start("hello"),
        bound,
    )
    for name, bound in {"API": 1.8, "worker": 1.3, "relay": 1.3}.items()
)

_REST = (
    _at_most(
        "notifications lost when the process is killed after 100 responses",
        Subject("lost after kill", "convoke: gateway"),
        None,
        0,
    ),
    _at_most(
        "queue cost of 1 M events × 10, invitations only",
        Subject("queue cost", "convoke", {"batch": 10}),
        None,
        0.48,
    ),
)

#: In the order of the document.
GOALS: tuple[Goal, ...] = (
    *_RESPONSES,
    *_DURABLE,
    *_THROUGHPUT,
    *_WORKER,
    *_COUNTS,
    *_INBOX,
    *_RELAY,
    *_COLD_STARTS,
    *_REST,
)
