"""Makes Markdown tables from rows."""

from collections.abc import Collection, Iterable, Sequence

from benchmarks.catalogue import SYSTEMS
from benchmarks.report.figures import show
from benchmarks.results import Row, Value


def make_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, text_columns: Collection[int] = (0,)
) -> list[str]:
    """Make a table; all columns but `text_columns` are numbers, set to the right."""
    rule = ["---" if number in text_columns else "---:" for number in range(len(head))]
    return [_line(head), _line(rule), *(_line(row) for row in rows)]


def pivot(rows: Iterable[Row], measures: Sequence[str], by: str, **fixed: Value) -> list[str]:
    """Make a table: systems down, values of the parameter `by` across, several measures with a slash.

    `fixed`: parameters that a row must have, each with its value. Systems come in the catalogue's order.
    Empty if there is no such row.
    """
    cells: dict[tuple[str, str, Value], float] = {}
    systems: dict[str, None] = {}
    columns: set[Value] = set()
    for row in rows:
        parameters = dict(row.parameters)
        column = parameters.pop(by, None)
        if row.measure not in measures or column is None or parameters != fixed:
            continue
        systems[row.system] = None
        columns.add(column)
        cells[row.measure, row.system, column] = row.value
    if not cells:
        return []
    across = sorted(columns, key=lambda column: (isinstance(column, str), column))
    body = [
        [
            _emphasise(system),
            *(
                " / ".join(show(cells.get((measure, system, column))) for measure in measures)
                for column in across
            ),
        ]
        for system in sorted(systems, key=_rank)
    ]
    head = ["", *(f"{column:,}" if isinstance(column, int) else column for column in across)]
    return make_table(head, body)


def list_rows(rows: Iterable[Row], measures: Collection[str]) -> list[str]:
    """Make one line for each row of these measures, with its parameters. Empty if there is no such row."""
    chosen = [row for row in rows if row.measure in measures]
    if not chosen:
        return []
    body = [
        (row.measure, _emphasise(row.system), describe_parameters(row), show(row.value), row.unit)
        for row in chosen
    ]
    return make_table(("measure", "system", "with", "median", "unit"), body, text_columns={0, 1, 2, 4})


def describe_parameters(row: Row) -> str:
    """Return text such as "participants 1,000, clock CPU"."""
    return ", ".join(
        f"{name.replace('_', ' ')} {value:,}"
        if isinstance(value, int)
        else f"{name.replace('_', ' ')} {value}"
        for name, value in row.parameters.items()
    )


def _rank(system: str) -> int:
    return SYSTEMS.index(system) if system in SYSTEMS else len(SYSTEMS)


def _emphasise(system: str) -> str:
    return f"**{system}**" if system.startswith("convoke") else system


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
