"""The project's own sample calendar of the README."""

from pathlib import Path

from convoke_importer.command import plan_files
from convoke_importer.execution import apply_plans
from convoke_importer.ledger import Ledger
from convoke_importer.plans import Skip
from convoke_importer.report import Summary
from unit.importer.in_memory_events import InMemoryEvents

SAMPLE = Path(__file__).parents[3] / "examples" / "team-week.ics"


def test_the_sample_creates_six_events_and_skips_one_with_a_reason() -> None:
    api, summary = InMemoryEvents(), Summary()
    with Ledger(":memory:") as ledger:
        apply_plans(plan_files([SAMPLE], summary), api, ledger, summary)
    assert [(email, request["title"], request["starts_at"]) for email, request in api.created] == [
        ("anna@example.org", "Планёрка недели", "2027-06-07T07:00:00+00:00"),
        ("maria@example.org", "Design review: delivery guarantees", "2027-06-08T12:00:00+00:00"),
        ("anna@example.org", "Анна и Борис: разговор один на один", "2027-06-08T14:30:00+00:00"),
        ("timur@example.org", "Созвон с заказчиком из Екатеринбурга", "2027-06-09T06:00:00+00:00"),
        ("john@example.org", "Release 1.0", "2027-06-09T21:00:00+00:00"),
        ("maria@example.org", "Ретроспектива / Retrospective", "2027-06-11T09:00:00+00:00"),
    ]
    skipped = Skip("stand-up@convoke.example.org", "VEVENT", "not yet supported: recurrence")
    assert (summary.skipped, summary.notes, summary.troubles) == ([skipped], {}, [])
