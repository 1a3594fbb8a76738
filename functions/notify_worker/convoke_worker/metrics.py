"""What one invocation did, in numbers: collected while it runs, written as one EMF line at its end."""

from convoke.observability import EphemeralMetrics, MetricUnit, flush_metrics

from convoke_worker.outcomes import Delivery, Outcome, is_poison


class WorkerMetrics:
    """The metrics of the worker, by the names that the dashboard knows."""

    def __init__(self, metrics: EphemeralMetrics) -> None:
        self._metrics = metrics
        self._written = self._duplicates = self._failed = self._poison = 0

    def count(self, delivery: Delivery) -> None:
        """One acknowledged message."""
        if delivery.outcome is Outcome.DELIVERED:
            self._written += delivery.written
            self._metrics.add_metric("DeliveryLatencyMs", MetricUnit.Milliseconds, delivery.latency_ms)
        elif delivery.outcome is Outcome.DUPLICATE:
            self._duplicates += 1

    def count_failure(self, error: Exception) -> None:
        """One failed receive: poison, which no repetition helps, or trouble, which passes."""
        if is_poison(error):
            self._poison += 1
        else:
            self._failed += 1

    def add_connect(self, milliseconds: float) -> None:
        """A connection to the database was made."""
        self._metrics.add_metric("DbConnectMs", MetricUnit.Milliseconds, milliseconds)

    def flush(self) -> None:
        """Write the numbers down and start anew. Zeros too: a sum over no data is not a zero."""
        self._metrics.add_metric("NotificationsWritten", MetricUnit.Count, self._written)
        self._metrics.add_metric("DuplicatesSuppressed", MetricUnit.Count, self._duplicates)
        self._metrics.add_metric("DeliveryFailed", MetricUnit.Count, self._failed)
        self._metrics.add_metric("PoisonRejected", MetricUnit.Count, self._poison)
        flush_metrics(self._metrics)
        self._written = self._duplicates = self._failed = self._poison = 0
