"""All scenarios by their names."""

from collections.abc import Callable

from chaos.scenarios import changes, deliveries, relaying
from chaos.scenarios.bench import Bench

SCENARIOS: dict[str, Callable[[Bench], None]] = {
    scenario.__name__: scenario
    for scenario in (
        changes.a_cancelled_event_has_no_live_reminder,
        deliveries.a_message_for_a_cancelled_row_has_no_effect,
        deliveries.a_recipient_of_a_new_locale_is_notified,
        deliveries.a_recipient_who_changes_locale_meanwhile_is_notified,
        deliveries.an_early_message_has_no_effect,
        deliveries.overlapping_batches_never_deadlock,
        deliveries.an_unprocessable_row_is_given_up_with_a_reason,
        deliveries.the_actor_is_not_notified,
        deliveries.the_other_messages_of_a_failed_batch_are_delivered,
        relaying.nothing_is_re_sent_to_a_full_queue,
        relaying.a_row_is_sent_once_in_its_backoff,
        relaying.failed_entries_are_sent_at_the_next_tick,
        relaying.retention_keeps_undelivered_rows,
        relaying.rows_that_commit_late_are_sent,
    )
}
