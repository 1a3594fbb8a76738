"""Reads the limits of a stage: the numbers of infra/template.yaml and infra/stages."""

from dataclasses import dataclass
from typing import Any

import yaml
from convoke_local.template import Template, load_template

from benchmarks.report.paths import ROOT


@dataclass(frozen=True, slots=True)
class Deployment:
    """Limits by the template's parameters, and the memory of the functions in MB."""

    throttling_rate: float
    api_concurrency: int
    worker_concurrency: int
    batch_size: int
    minimum_acu: float
    maximum_acu: float
    database_instances: int
    maximum_connections: int
    api_memory_mb: int
    worker_memory_mb: int
    tick_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Values that cannot be measured here, each with its source."""

    #: "At 1,769 MB, a function has the equivalent of one vCPU" (Lambda, Configure function memory).
    memory_of_a_processor_mb: int = 1_769
    #: One of its vCPUs is taken to be as fast as one core of the measuring machine.
    core_ratio: float = 1.0
    #: From function to database and back, in another zone of the region.
    round_trip_ms: float = 1.0
    #: AWS publishes 2 GiB and "corresponding CPU"; db.r6g.large has 2 vCPUs for 16 GiB, eight times as much.
    processors_per_acu: float = 0.25
    #: Capacity is added above this share of busy processors, so that this share is used on average.
    busy_share: float = 0.7
    #: Concurrent executions of an account and region (Lambda quotas, default).
    account_concurrency: int = 1_000
    #: Capacity of one Aurora Serverless v2 writer at most.
    largest_acu: float = 256
    #: Idle pollers of the event-source mapping, and how long each polls (SQS event sources; the template).
    pollers: int = 5
    poll_seconds: float = 20
    #: Lines of the platform, of the function and of the gateway's access log for one invocation.
    log_bytes: int = 2_000
    #: Aurora counts a write of the log in pieces of 4 KB.
    write_bytes: int = 4_096


def read_deployment(stage: str = "prod", template: Template | None = None) -> Deployment:
    """Return the stage's numbers: its own parameters, else the template's defaults."""
    template = template or load_template()
    own = yaml.safe_load((ROOT / "infra" / "stages" / f"{stage}.yaml").read_text("utf-8"))
    values: dict[str, Any] = {**template.parameter_defaults(), **own}
    return Deployment(
        throttling_rate=float(values["ThrottlingRate"]),
        api_concurrency=int(values["ApiConcurrency"]),
        worker_concurrency=int(values["NotificationMaximumConcurrency"]),
        batch_size=int(values["NotificationBatchSize"]),
        minimum_acu=float(values["DatabaseMinimumCapacity"]),
        maximum_acu=float(values["DatabaseMaximumCapacity"]),
        database_instances=2 if values["DatabaseReplica"] == "true" else 1,
        maximum_connections=int(values["DatabaseMaximumConnections"]),
        api_memory_mb=template.function("ApiFunction").memory_mb,
        worker_memory_mb=template.function("NotifyWorkerFunction").memory_mb,
        tick_seconds=60 if values["RelayPace"] == "minute" else 3_600,
    )
