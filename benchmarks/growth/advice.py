"""Computes the parameters to change for a load, and their values."""

import math

from benchmarks.growth.deployment import Assumptions, Deployment
from benchmarks.growth.model import Plan

#: The planned share of a limit.
_FILL = 0.8


def find_changes(plan: Plan, deployment: Deployment) -> dict[str, float]:
    """Return the template's parameters to raise for the load, with their values; in order of need."""
    changes: dict[str, float] = {}
    if plan.acu > deployment.maximum_acu * _FILL:
        changes["DatabaseMaximumCapacity"] = math.ceil(plan.acu / _FILL)
    workers = deployment.worker_concurrency
    if plan.worker_busy_at_least > workers * _FILL:
        workers = math.ceil(plan.worker_busy_at_least / _FILL)
        changes["NotificationMaximumConcurrency"] = workers
    environments = deployment.api_concurrency
    if plan.api_environments > environments * _FILL:
        environments = math.ceil(plan.api_environments / _FILL)
        changes["ApiConcurrency"] = environments
    if plan.events_per_hour / 3600 > deployment.throttling_rate * _FILL:
        changes["ThrottlingRate"] = math.ceil(plan.events_per_hour / 3600 / _FILL)
    # Versions that are replaced keep their connections for a while (ADR 0026).
    connections = 2 * (environments + workers + 1)
    if connections > deployment.maximum_connections:
        changes["DatabaseMaximumConnections"] = connections
    return changes


def find_obstacles(
    plan: Plan, changes: dict[str, float], deployment: Deployment, assumptions: Assumptions
) -> list[str]:
    """Return the obstacles that no parameter removes."""
    obstacles = []
    if changes.get("DatabaseMaximumCapacity", 0) > assumptions.largest_acu:
        obstacles.append(
            f"one writer has {assumptions.largest_acu:g} ACU at most: spread events over several databases"
        )
    environments = changes.get("ApiConcurrency", deployment.api_concurrency)
    workers = changes.get("NotificationMaximumConcurrency", deployment.worker_concurrency)
    if environments + workers > assumptions.account_concurrency:
        obstacles.append(
            f"the account's quota of {assumptions.account_concurrency:,} concurrent executions must be raised"
        )
    if plan.stored_bytes_per_second * 3600 > 100e9:
        obstacles.append(
            f"{plan.stored_bytes_per_second * 3600 / 1e9:,.0f} GB are stored an hour: lower "
            "NOTIFICATION_RETENTION_DAYS, and partition the notifications"
        )
    return obstacles
