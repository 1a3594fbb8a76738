"""The API's rules for concurrent changes."""

from typing import Any

from chaos.scenarios.bench import Bench, require
from convoke_api.settings import ApiSettings
from integration.api.client import Client, current_loop
from integration.changes.world import World, from_now

_ROUNDS = 60
_LIVE = """
SELECT count(*) FROM outbox JOIN events ON events.id = outbox.event_id
WHERE events.status = 'cancelled' AND outbox.type = 'event_reminder'
  AND outbox.cancelled_at IS NULL AND outbox.delivered_at IS NULL
"""


def a_cancelled_event_has_no_live_reminder(bench: Bench) -> None:
    settings = ApiSettings(
        database_url=bench.database_url,
        stage="test",
        create_quota=100_000,
        wave_quota=10**6,
        notification_quota=10**8,
    )
    with current_loop():
        world = World(bench.database_url, "scenario.example.org", settings)
        anna = world.person("anna")
        events = [
            world.plan(
                anna, starts_at=from_now(days=20), ends_at=from_now(days=20, hours=1), reminder_minutes=[60]
            )["id"]
            for _ in range(_ROUNDS)
        ]

        def reschedule(handler: Any) -> Any:
            client = Client(handler, anna.claims)
            times = {"starts_at": from_now(days=30), "ends_at": from_now(days=30, hours=1)}
            return lambda event_id: client.patch(f"/v1/events/{event_id}", times).status

        def cancel(handler: Any) -> Any:
            client = Client(handler, anna.claims)
            return lambda event_id: client.delete(f"/v1/events/{event_id}").status

        world.race(events, reschedule, cancel)
        world.close()
    live = bench.query_one(_LIVE)
    require(live == 0, f"an event cancelled during a change has no live reminder ({live} of {_ROUNDS} have)")
