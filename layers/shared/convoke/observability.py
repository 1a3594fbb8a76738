"""Makes the logger and the metrics of a function: JSON lines and EMF, by Powertools.

No title, name, address or token belongs in a log line or a metric; ids, types, counts and times do.
"""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

__all__ = ["EphemeralMetrics", "Logger", "MetricUnit", "flush_metrics", "make_logger", "make_metrics"]


def make_logger(service: str) -> Logger:
    """Make the logger of a function; its level comes from POWERTOOLS_LOG_LEVEL."""
    return Logger(service=service, use_rfc3339=True)


def make_metrics(service: str, stage: str) -> EphemeralMetrics:
    """Make the metrics of a function, with the dimensions `service` and `stage` and no others."""
    metrics = EphemeralMetrics(namespace="Convoke", service=service)
    metrics.set_default_dimensions(stage=stage)
    return metrics


def flush_metrics(metrics: EphemeralMetrics) -> None:
    """Print the metrics of an invocation; nothing when there are none (Powertools would warn)."""
    if metrics.metric_set:
        metrics.flush_metrics()
