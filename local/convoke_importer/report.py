"""Count the outcomes of an import, and print them as text or JSON."""

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from convoke_importer.people import list_some
from convoke_importer.plans import Cancel, Create, Outcome, Reply, Revise, Skip

_LONGEST_SHOWN = 80
#: Controls but the line breaks of JSON, characters that direct or hide others, and surrogates.
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\uffff\U000e0000-\U000e0fff]"
)


@dataclass(slots=True)
class Summary:
    """Count the changes, and list the skipped components, notes and troubles."""

    created: int = 0
    #: Also by a CANCEL that uninvites only some: the event takes place.
    updated: int = 0
    cancelled: int = 0
    replied: int = 0
    skipped: list[Skip] = field(default_factory=list)
    #: Assumptions and omissions, each with the names of its events.
    notes: dict[str, list[str]] = field(default_factory=dict)
    #: Errors because of which a part was not done: each one causes exit status 1.
    troubles: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count the outcome of one component."""
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
            case Revise() | Cancel():
                self.updated += 1
        for note in outcome.notes:
            self.notes.setdefault(note, []).append(_name_event(outcome))


def render_json(summary: Summary) -> str:
    """Return the output of `convoke import --json`, a contract. Terminal control characters are escaped."""
    text = json.dumps(
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
    return _UNPRINTABLE.sub(_escape, text)


def print_summary(console: Console, summary: Summary) -> None:
    """Print the counts, then the skipped components grouped by reason."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    for name in ("created", "updated", "cancelled", "replied"):
        table.add_row(str(getattr(summary, name)), name)
    table.add_row(str(len(summary.skipped)), "skipped")
    for reason, count in Counter(skip.reason for skip in summary.skipped).most_common():
        table.add_row(str(count), Text(f"  {make_printable(reason)}"))
    console.print(table)


def print_notes(console: Console, summary: Summary) -> None:
    """Print the notes with their events, then the troubles."""
    for note, names in sorted(summary.notes.items(), key=lambda each: -len(each[1])):
        count = f"{len(names)} {'event' if len(names) == 1 else 'events'}"
        _print_line(console, f"note: {note} ({count}: {list_some(names)})")
    for trouble in summary.troubles:
        _print_line(console, f"convoke import: {trouble}")


def make_printable(text: str) -> str:
    """Return the text on one line, without characters that control the terminal or the text direction."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _print_line(console: Console, text: str) -> None:
    console.print(make_printable(text), markup=False, highlight=False, emoji=False)


def _name_event(outcome: Create | Revise | Cancel | Reply) -> str:
    """Return the title, where it is known, and the UID."""
    fields = outcome.request if isinstance(outcome, Create) else {}
    fields = outcome.changes if isinstance(outcome, Revise) else fields
    uid = outcome.uid if len(outcome.uid) <= _LONGEST_SHOWN else f"{outcome.uid[:_LONGEST_SHOWN]}…"
    return f'"{fields["title"][:_LONGEST_SHOWN]}" {uid}' if "title" in fields else uid


def _escape(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]
