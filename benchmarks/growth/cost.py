"""Computes the cost of a load at the list prices of infra/prices.json."""

import json
from collections.abc import Mapping

from benchmarks.growth.deployment import Assumptions, Deployment
from benchmarks.growth.model import Plan
from benchmarks.report.paths import ROOT
from infra.tools.cost import lambda_cost

HOURS_A_MONTH = 730


def read_prices() -> Mapping[str, float]:
    """Read the prices by name; see the file."""
    prices: Mapping[str, float] = json.loads((ROOT / "infra" / "prices.json").read_text("utf-8"))["prices"]
    return prices


def price_hour(
    plan: Plan, deployment: Deployment, assumptions: Assumptions, prices: Mapping[str, float]
) -> dict[str, float]:
    """Return US dollars an hour by item, without the fixed ones (metrics, alarms, endpoints)."""
    events = plan.events_per_hour
    batches = plan.messages_per_second * 3600 / plan.batch
    writes = plan.wal_bytes_per_second * 3600 / assumptions.write_bytes
    return {
        "gateway": events * prices["http_api_request"],
        "API": lambda_cost(events, plan.api_ms, deployment.api_memory_mb / 1024, prices),
        "worker": lambda_cost(batches, plan.worker_ms, deployment.worker_memory_mb / 1024, prices),
        "queue": plan.queue_requests_per_second * 3600 * prices["sqs_request"],
        "database": plan.acu * deployment.database_instances * prices["aurora_acu_hour"],
        "database writes": writes * prices["aurora_io_request"],
        "logs": (events + batches) * assumptions.log_bytes / 1e9 * prices["log_gb"],
    }


def price_storage_month(plan: Plan, prices: Mapping[str, float]) -> float:
    """Return US dollars a month for keeping the data that one month of the load stores."""
    return plan.stored_bytes_per_second * 3600 * HOURS_A_MONTH / 1e9 * prices["aurora_gb_month"]
