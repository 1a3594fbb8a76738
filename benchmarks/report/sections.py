"""The document's sections, each with a title, an explanation, and tables if there are rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.goals import QUEUE_MS
from benchmarks.report.tables import list_rows, pivot
from benchmarks.results import Row

type Tables = Callable[[Sequence[Row]], list[list[str]]]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the document. `plot`: the name of a picture above the tables."""

    title: str
    text: str
    tables: Tables
    plot: str = ""


def _listed(*measures: str) -> Tables:
    return lambda rows: [list_rows(rows, measures)]


def _by_participants(measure: str) -> Tables:
    return lambda rows: [
        pivot(rows, [measure], "participants", queue_ms=QUEUE_MS),
        pivot(rows, [measure], "participants", queue_ms=0),
    ]


def _tabulate_unit_costs(rows: Sequence[Row]) -> list[list[str]]:
    def name(row: Row) -> str:
        batch = row.parameters.get("batch")
        of = f"batch of {batch}, " if batch else ""
        return f"{row.system}, {of}{row.parameters['participants']:,} participants"

    named = [
        replace(row, system=name(row), parameters={"of": f"{row.parameters['of']}, {row.unit}"})
        for row in rows
        if row.measure == "unit cost"
    ]
    return [pivot(named, ["unit cost"], "of")]


SECTIONS = (
    Section(
        "Response time",
        "Milliseconds until the caller has the response, by the number of participants: one client, median. "
        f"The first table with a queue that responds after {QUEUE_MS} ms, as SQS does; the second with one "
        "that responds at once. Redis and PostgreSQL are as fast as this machine in both.",
        _by_participants("response"),
        "response",
    ),
    Section(
        "Response time, 99th percentile",
        f"As above, with the queue at {QUEUE_MS} ms.",
        lambda rows: [pivot(rows, ["response p99"], "participants", queue_ms=QUEUE_MS)],
    ),
    Section(
        "All notifications durable",
        "Milliseconds from the request to the commit of the last notification.",
        _by_participants("durable"),
        "durable",
    ),
    Section(
        "Throughput",
        "Events with 10 participants each, by the number of clients that send one request after the other: "
        "events with a response a second / events a second until all notifications were written; then median "
        "/ 99th percentile of the response time in milliseconds. A client gives up after 6 s.",
        lambda rows: [
            pivot(rows, ["throughput", "throughput delivered"], "clients"),
            pivot(rows, ["throughput p50", "throughput p99"], "clients"),
        ],
    ),
    Section(
        "The worker against COPY",
        "Notifications a second into the same table. COPY of finished rows, sorted by the key, is "
        "the limit: the worker also locks its outbox rows, renders the texts and looks up each "
        "recipient. By the participants of each event; with 20,000 people in the table of users, then with "
        "200,000.",
        lambda rows: [pivot(rows, ["worker"], "participants", people=people) for people in (20_000, 200_000)],
        "worker",
    ),
    Section(
        "Statements, round trips, queue calls",
        "Statements / round trips to the database / queue calls, by the number of participants: counted, not "
        "timed. BEGIN and COMMIT are not counted as statements. A worker batch has ten messages.",
        lambda rows: [pivot(rows, ["statements", "round trips", "queue calls"], "participants")],
    ),
    Section(
        "Processor time",
        "Milliseconds of processor time for an event, by the number of participants, of all processes of a "
        "system except database and broker. A cell is empty if a round had too few events for a figure.",
        lambda rows: [pivot(rows, ["cpu"], "participants", queue_ms=QUEUE_MS)],
    ),
    Section(
        "Inbox",
        "Milliseconds, for the person with the most unread notifications (100,000 in a whole run), in a "
        "table with as many notifications as the last line says; against a lookup by primary key through "
        "the same driver. `after`: a page that far down.",
        _listed("inbox page", "unread count", "key lookup", "notifications stored"),
    ),
    Section(
        "Relay",
        "Milliseconds of a tick with 1,000 rows to send, by the number of rows that were delivered before.",
        lambda rows: [pivot(rows, ["relay tick"], "delivered")],
    ),
    Section(
        "Memory",
        "The most resident memory of a process, in MB, by the number of participants.",
        lambda rows: [pivot(rows, ["memory"], "participants")],
    ),
    Section(
        "Cold start",
        "Milliseconds from the start of the interpreter to the first response, in processor time and in "
        "elapsed time; the functions are built as for a deployment. Worker and relay have no request "
        "without the database, so they are started up to that point. Lowest of several starts in a "
        "round, all programs in turn.",
        lambda rows: [pivot(rows, ["cold start"], "clock")],
        "cold-start",
    ),
    Section(
        "Lost when the process is killed",
        "After the responses to 100 events of 10 participants all processes except database and broker are "
        "killed, as when a machine is lost, and started again. The number of the 1,000 notifications that "
        "are not written 25 s later.",
        _listed("lost after kill"),
    ),
    Section(
        "Cost of the queue",
        "US dollars for 1 M events with 10 participants each, invitations only, at the list prices of "
        "infra/prices.json and the counted calls. `batch` is how many messages one receive "
        "and one delete carry: 10 when there is a backlog, 1 when events are rare.",
        _listed("queue cost"),
    ),
    Section(
        "Unit costs",
        "The input of [growth.md](growth.md): processor and elapsed milliseconds and bytes, for each event "
        "or batch.",
        _tabulate_unit_costs,
    ),
)
