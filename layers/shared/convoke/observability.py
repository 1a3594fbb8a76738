"""Logs and metrics, the same in each function: JSON lines and EMF, by Powertools.

No title, name, address or token belongs in a log line or a metric; ids, types, counts and times do.
"""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

__all__ = ["EphemeralMetrics", "Logger", "MetricUnit", "flush_metrics", "make_logger", "make_metrics"]


def make_logger(service: str) -> Logger:
    """The logger of a function; the level comes from LOG_LEVEL."""
    return Logger(service=service, use_rfc3339=True)


def make_metrics(service: str, stage: str) -> EphemeralMetrics:
    """Metrics of one function with the dimensions `service` and `stage` and no others."""
    metrics = EphemeralMetrics(namespace="Convoke", service=service)
    metrics.set_default_dimensions(stage=stage)
    return metrics


def flush_metrics(metrics: EphemeralMetrics) -> None:
    """Print what an invocation has counted; nothing when it has counted nothing (Powertools would warn)."""
    if metrics.metric_set:
        metrics.flush_metrics()
