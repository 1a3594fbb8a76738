"""What an import has done, for people and for programs."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from convoke_local.importing.plans import Cancel, Create, Outcome, Reply, Skip, Update


@dataclass(slots=True)
class Summary:
    """Counts of what was done, and everything that was not."""

    created: int = 0
    #: Also by a CANCEL that only uninvites some: the event goes on.
    updated: int = 0
    cancelled: int = 0
    replied: int = 0
    skipped: list[Skip] = field(default_factory=list)
    #: What had to be assumed or left out, and in how many events.
    notes: Counter[str] = field(default_factory=Counter)
    #: Why a part of the work could not be done at all: each one is a reason for exit status 1.
    troubles: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count what became of one component."""
        match outcome:
            case Skip():
                self.skipped.append(outcome)
                if outcome.reason.startswith("failed"):
                    self.troubles.append(f"{outcome.component} {outcome.uid}: {outcome.reason}")
                return
            case Create():
                self.created += 1
            case Reply():
                self.replied += 1
            case Cancel(removed_emails=()):
                self.cancelled += 1
            case Update() | Cancel():
                self.updated += 1
        self.notes.update(outcome.notes)


def render_json(summary: Summary) -> str:
    """The contract of `convoke import --json`."""
    return json.dumps(
        {
            "created": summary.created,
            "updated": summary.updated,
            "cancelled": summary.cancelled,
            "replied": summary.replied,
            "skipped": [asdict(skip) for skip in summary.skipped],
        },
        ensure_ascii=False,
        indent=2,
    )


def print_summary(console: Console, summary: Summary) -> None:
    """Counts, then the skipped components grouped by reason."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    for name in ("created", "updated", "cancelled", "replied"):
        table.add_row(str(getattr(summary, name)), name)
    table.add_row(str(len(summary.skipped)), "skipped")
    for reason, count in Counter(skip.reason for skip in summary.skipped).most_common():
        table.add_row(str(count), Text(f"  {reason}"))
    console.print(table)


def print_notes(console: Console, summary: Summary) -> None:
    """What was assumed, in how many events; then what went wrong."""
    for note, count in summary.notes.most_common():
        console.print(f"note: {note} ({count} {'event' if count == 1 else 'events'})", highlight=False)
    for trouble in summary.troubles:
        console.print(f"convoke import: {_make_printable(trouble)}", markup=False, highlight=False)


def _make_printable(text: str) -> str:
    # What a file holds must not steer the terminal.
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
