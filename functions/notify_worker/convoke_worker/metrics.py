"""Counts one invocation's metrics while it runs and writes them as one EMF line at its end."""

from convoke.observability import EphemeralMetrics, MetricUnit, flush_metrics

from convoke_worker.outcomes import Outcome, RowOutcome, is_poison


class WorkerMetrics:
    """The metrics of the worker, under the names that the dashboard uses."""

    def __init__(self, metrics: EphemeralMetrics) -> None:
        self._metrics = metrics
        self._written = self._duplicates = self._failed = self._poison = 0

    def count(self, outcome: RowOutcome) -> None:
        """Count one acknowledged message."""
        if outcome.outcome is Outcome.DELIVERED:
            self._written += outcome.written
            self._metrics.add_metric("DeliveryLatencyMs", MetricUnit.Milliseconds, outcome.latency_ms)
        elif outcome.outcome is Outcome.DUPLICATE:
            self._duplicates += 1

    def count_failure(self, error: Exception) -> None:
        """Count one failed receive: poison, which no retry helps, or a failure that passes."""
        if is_poison(error):
            self._poison += 1
        else:
            self._failed += 1

    def add_connect(self, milliseconds: float) -> None:
        """Add the time that one connection to the database took."""
        self._metrics.add_metric("DbConnectMs", MetricUnit.Milliseconds, milliseconds)

    def flush(self) -> None:
        """Write the metrics and start anew. Zeros too: a sum over no data is not a zero."""
        self._metrics.add_metric("NotificationsWritten", MetricUnit.Count, self._written)
        self._metrics.add_metric("DuplicatesSuppressed", MetricUnit.Count, self._duplicates)
        self._metrics.add_metric("DeliveryFailed", MetricUnit.Count, self._failed)
        self._metrics.add_metric("PoisonRejected", MetricUnit.Count, self._poison)
        flush_metrics(self._metrics)
        self._written = self._duplicates = self._failed = self._poison = 0
