"""All scenarios by their names."""

from collections.abc import Callable

from chaos.scenarios import changes, deliveries, relaying
from chaos.scenarios.bench import Bench

SCENARIOS: dict[str, Callable[[Bench], None]] = {
    scenario.__name__: scenario
    for scenario in (
        changes.a_cancelled_meeting_has_no_live_reminder,
        deliveries.a_message_for_a_cancelled_row_has_no_effect,
        deliveries.a_reader_of_a_new_language_is_told,
        deliveries.a_reader_who_changes_language_meanwhile_is_told,
        deliveries.an_early_message_has_no_effect,
        deliveries.overlapping_batches_never_deadlock,
        deliveries.poison_is_given_up_with_a_reason,
        deliveries.the_actor_is_not_told,
        deliveries.the_neighbours_of_poison_are_delivered,
        relaying.a_full_queue_is_not_made_fuller,
        relaying.a_row_is_sent_once_in_its_backoff,
        relaying.entries_that_failed_are_sent_at_the_next_tick,
        relaying.retention_spares_what_is_owed,
        relaying.what_commits_late_is_sent_too,
    )
}
