"""Makes docs/growth.md from the results of a run."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.growth.advice import find_changes, find_obstacles
from benchmarks.growth.checks import list_checks
from benchmarks.growth.cost import price_hour, price_storage_month
from benchmarks.growth.deployment import Assumptions, Deployment
from benchmarks.growth.model import Plan, find_ceilings, make_plan
from benchmarks.growth.units import read_units
from benchmarks.report.figures import show
from benchmarks.report.tables import make_table
from benchmarks.results_file import Results

EVENTS_PER_HOUR = (100, 10_000, 1_000_000)
PARTICIPANTS = (10, 1_000)


def make_document(
    results: Results,
    deployment: Deployment,
    assumptions: Assumptions,
    prices: Mapping[str, float],
    *,
    model_text: str,
    relay_text: str,
) -> str:
    """Return the document. The texts are Markdown and are inserted unchanged. Raises NotMeasuredError."""
    units = {participants: read_units(results, participants) for participants in PARTICIPANTS}
    plans = [
        make_plan(units[participants], deployment, assumptions, events)
        for participants in PARTICIPANTS
        for events in EVENTS_PER_HOUR
    ]
    ceilings = {each: find_ceilings(units[each], deployment, assumptions) for each in PARTICIPANTS}
    parts = [
        "# Growth",
        "Written by `make growth` from [benchmarks/results.json](../benchmarks/results.json): what a "
        "steady load of events needs in the stage *prod*, and what it costs. The milliseconds are those "
        "of the machine that measured ([benchmarks.md](benchmarks.md)); the model below says how they are "
        "converted.",
        "## What a load needs",
        _lines(_tabulate_needs(plans)),
        *_describe_memory(results, deployment),
        "## What it costs",
        "US dollars an hour at the list prices of [infra/prices.json](../infra/prices.json), without the "
        "fixed costs (`make cost`). Each month of the load adds the last column to every "
        "later month's bill, until retention deletes as much as is written.",
        _lines(_tabulate_costs(plans, deployment, assumptions, prices)),
        "## What reaches its limit first",
        "Events an hour above which a limit of *prod* is reached. The lowest of a row is the first "
        "bottleneck.",
        _lines(_tabulate_ceilings(ceilings)),
        "## Which parameters to change",
        "Parameters of [infra/template.yaml](../infra/template.yaml), set so that a fifth of each limit "
        "stays free.",
        "\n".join(_describe_changes(plans, deployment, assumptions)),
        f"## The relay\n\n{relay_text.strip()}",
        f"## The model\n\n{model_text.strip()}",
        "## Compared with real runs",
        "All parts together on the measuring machine: Poisson arrivals, one API environment, one worker, "
        "PostgreSQL with durable commits, a queue at 5 ms. *computed* is the arithmetic "
        "above with the unit costs of this machine; *simulated* is a discrete-event simulation with the "
        "same arrivals. *flat out* has four API environments that are never idle; computed is the lower of "
        "two limits: the responses that they can give one after the other, and the machine's processors, "
        "without the share of the harness (the queue, polling).",
        _lines(_tabulate_checks(results)),
    ]
    return "\n\n".join(parts) + "\n"


def _tabulate_needs(plans: Sequence[Plan]) -> list[str]:
    head = (
        "events/h",
        "participants",
        "notifications/s",
        "API ms",
        "API environments",
        "messages to a batch",
        "worker ms",
        "worker environments",
        "connections",
        "queue requests/s",
        "database processors",
        "ACU",
        "GB stored/h",
    )
    rows = [
        (
            f"{plan.events_per_hour:,}",
            f"{plan.participants:,}",
            show(plan.notifications_per_second),
            show(plan.api_ms),
            f"{plan.api_environments:,}",
            show(plan.batch),
            show(plan.worker_ms),
            f"{plan.worker_environments:,}",
            f"{plan.connections:,}",
            show(plan.queue_requests_per_second),
            show(plan.database_processors),
            f"{plan.acu:,g}",
            show(plan.stored_bytes_per_second * 3600 / 1e9),
        )
        for plan in plans
    ]
    return make_table(head, rows, text_columns=())


def _describe_memory(results: Results, deployment: Deployment) -> list[str]:
    def find_most(system: str) -> tuple[float, int]:
        rows = [row for row in results.rows if (row.measure, row.system) == ("memory", system)]
        return max((row.value, int(row.parameters["participants"])) for row in rows)

    try:
        api, worker = find_most("convoke: API"), find_most("convoke: worker")
    except ValueError:
        return []
    return [
        f"Memory is no limit: the API took {show(api[0])} MB of its {deployment.api_memory_mb:,} at most, "
        f"the worker {show(worker[0])} of {deployment.worker_memory_mb:,}, with up to {api[1]:,} "
        "participants. Memory is paid for because processor time comes with it."
    ]


def _tabulate_costs(
    plans: Sequence[Plan], deployment: Deployment, assumptions: Assumptions, prices: Mapping[str, float]
) -> list[str]:
    costs = [price_hour(plan, deployment, assumptions, prices) for plan in plans]
    head = ("events/h", "participants", *costs[0], "total", "for 1 M events", "storage, a month")
    rows = [
        (
            f"{plan.events_per_hour:,}",
            f"{plan.participants:,}",
            *(show(value) for value in cost.values()),
            f"**{show(sum(cost.values()))}**",
            show(sum(cost.values()) / plan.events_per_hour * 1e6),
            show(price_storage_month(plan, prices)),
        )
        for plan, cost in zip(plans, costs, strict=True)
    ]
    return make_table(head, rows, text_columns=())


def _tabulate_ceilings(ceilings: Mapping[int, Mapping[str, float]]) -> list[str]:
    names = [*next(iter(ceilings.values()))]
    rows = [
        (
            f"{participants:,}",
            *(
                f"**{_round(value)}**" if value == min(limits.values()) else _round(value)
                for value in limits.values()
            ),
        )
        for participants, limits in ceilings.items()
    ]
    return make_table(("participants", *(f"`{name}`" for name in names)), rows, text_columns=())


def _describe_changes(
    plans: Sequence[Plan], deployment: Deployment, assumptions: Assumptions
) -> Iterator[str]:
    for plan in plans:
        changes = find_changes(plan, deployment)
        settings = ", ".join(f"`{name}: {value:g}`" for name, value in changes.items()) or "nothing"
        obstacles = "; ".join(find_obstacles(plan, changes, deployment, assumptions))
        tail = f". And {obstacles}" if obstacles else ""
        yield f"- {plan.events_per_hour:,} events/h, {plan.participants:,} participants: {settings}{tail}."


def _tabulate_checks(results: Results) -> list[str]:
    rows = [
        (
            check.run,
            check.quantity,
            show(check.measured),
            show(check.computed),
            show(check.simulated),
        )
        for check in list_checks(results)
    ]
    return make_table(("run", "quantity", "measured", "computed", "simulated"), rows, text_columns=(0, 1))


def _round(value: float) -> str:
    """Round to two significant digits: a ceiling is no more exact."""
    return f"{float(f'{value:.2g}'):,.0f}"


def _lines(lines: Sequence[str]) -> str:
    return "\n".join(lines)
