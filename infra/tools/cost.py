"""Computes the monthly cost of Convoke from the list prices in infra/prices.json.

`python infra/tools/cost.py [--events N] [--participants N] [--api-ms N] [--worker-ms N] …`
Durations are billed milliseconds: those of your own traffic are in CloudWatch (AWS/Lambda, Duration). The
defaults are assumptions, and the output marks them as such. Free tier, outgoing traffic and taxes are not
included.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PRICES = Path(__file__).parents[1] / "prices.json"

_HOURS_A_MONTH = 730
#: SendMessageBatch, ReceiveMessage and DeleteMessageBatch take ten messages (AWS SQS quotas).
_BATCH = 10

#: As in the template: metrics that the code emits, metrics that alarms read, composite alarms, ticks.
CUSTOM_METRICS, ALARM_METRICS, COMPOSITES = 15, 30, 3
TICKS_A_MONTH = 60 * _HOURS_A_MONTH


@dataclass(frozen=True)
class Load:
    """A month's work. `reminders`: waves for each event; `reads`: of the inbox for each notification."""

    events: int = 1_000_000
    participants: int = 10
    reminders: int = 0
    reads: float = 0
    api_ms: float = 20
    worker_ms: float = 60
    relay_ms: float = 60


@dataclass(frozen=True)
class Shape:
    """A division of notifications: recipients of a message, messages of a send and of a worker invocation."""

    name: str
    recipients_per_message: int
    messages_per_send: int
    messages_per_batch: int


SHAPES = (
    Shape("one recipient a message, unbatched", 1, 1, 1),
    Shape("one recipient a message, batches of 10", 1, _BATCH, _BATCH),
    Shape("one message an event, worker batches of 10 (Convoke)", 1_000, 1, _BATCH),
)


def count_messages(shape: Shape, load: Load) -> float:
    """Return the messages of a month: each wave needs one for `shape`'s number of recipients."""
    waves = load.events * (1 + load.reminders)
    return waves * -(-load.participants // shape.recipients_per_message)


def sqs_cost(shape: Shape, load: Load, prices: Mapping[str, float]) -> float:
    """Return the cost of sends, receives and deletes."""
    messages = count_messages(shape, load)
    calls = messages / shape.messages_per_send + 2 * messages / shape.messages_per_batch
    return calls * prices["sqs_request"]


def lambda_cost(invocations: float, ms: float, memory_gb: float, prices: Mapping[str, float]) -> float:
    """Return the cost of one function's requests and time on arm64."""
    gb_seconds = invocations * ms / 1000 * memory_gb
    return invocations * prices["lambda_request"] + gb_seconds * prices["lambda_gb_second_arm64"]


def work_cost(shape: Shape, load: Load, prices: Mapping[str, float]) -> float:
    """Return the cost of gateway, functions and queue for the load."""
    requests = load.events + load.events * load.participants * (1 + load.reminders) * load.reads
    batches = count_messages(shape, load) / shape.messages_per_batch
    return (
        requests * prices["http_api_request"]
        + lambda_cost(requests, load.api_ms, 1, prices)
        + lambda_cost(batches, load.worker_ms, 1, prices)
        + sqs_cost(shape, load, prices)
    )


def fixed_costs(
    prices: Mapping[str, float], *, minimum_acu: float, instances: int, endpoint_zones: int, load: Load
) -> dict[str, float]:
    """Return the costs without any traffic, by the item's name."""
    return {
        f"database, {minimum_acu:g} ACU x {instances}": minimum_acu
        * instances
        * _HOURS_A_MONTH
        * prices["aurora_acu_hour"],
        "SQS endpoint": endpoint_zones * _HOURS_A_MONTH * prices["endpoint_zone_hour"],
        "Secrets Manager endpoint, one zone": _HOURS_A_MONTH * prices["endpoint_zone_hour"],
        "master secret": prices["secret_month"],
        "relay": lambda_cost(TICKS_A_MONTH, load.relay_ms, 0.5, prices),
        f"{CUSTOM_METRICS} metrics": CUSTOM_METRICS * prices["metric_month"],
        f"alarms on {ALARM_METRICS} metrics, {COMPOSITES} composites": ALARM_METRICS
        * prices["alarm_metric_month"]
        + COMPOSITES * prices["composite_alarm_month"],
        "dashboard": prices["dashboard_month"],
    }


def main() -> None:
    """Print both tables."""
    file = json.loads(PRICES.read_text(encoding="utf-8"))
    prices = file["prices"]
    defaults = Load()
    parser = argparse.ArgumentParser(description="Compute the monthly cost of Convoke.")
    for name, kind in Load.__annotations__.items():
        flag = f"--{name.replace('_', '-')}"
        default = getattr(defaults, name)
        parser.add_argument(flag, type=kind, default=default, help=f"default {default}")
    parser.add_argument("--minimum-acu", type=float, default=0.5, help="default 0.5")
    parser.add_argument("--instances", type=int, default=1, help="database instances, default 1")
    parser.add_argument("--endpoint-zones", type=int, default=2, help="default 2")
    given = parser.parse_args()
    load = Load(**{name: getattr(given, name) for name in Load.__annotations__})
    measured = (load.api_ms, load.worker_ms) != (defaults.api_ms, defaults.worker_ms)

    print(
        f"List prices of {file['date']}, {file['region']}, in US dollars a month (infra/prices.json); "
        f"{len(file['confirmed'])} of {len(prices)} were confirmed in 2026."
    )
    print(
        f"{load.events:,} events x {load.participants} participants, {load.reminders} reminders, "
        f"{load.reads:g} reads a notification; {'given' if measured else 'assumed'}: "
        f"API {load.api_ms:g} ms, worker {load.worker_ms:g} ms a batch.\n"
    )
    print(f"{'work':56}{'SQS':>9}{'total':>9}")
    for shape in SHAPES:
        print(f"{shape.name:56}{sqs_cost(shape, load, prices):9.2f}{work_cost(shape, load, prices):9.2f}")
    fixed = fixed_costs(
        prices,
        minimum_acu=given.minimum_acu,
        instances=given.instances,
        endpoint_zones=given.endpoint_zones,
        load=load,
    )
    print(f"\n{'without any traffic':65}{'total':>9}")
    for name, cost in fixed.items():
        print(f"{name:65}{cost:9.2f}")
    print(f"{'together':65}{sum(fixed.values()):9.2f}")
    proxy = 8 * _HOURS_A_MONTH * prices["rds_proxy_acu_hour"]
    gateways = 2 * _HOURS_A_MONTH * prices["nat_gateway_hour"]
    print(f"\nNot used: RDS Proxy (8 ACU at least) {proxy:.0f}, two NAT gateways {gateways:.0f}.")
    print("On top: database storage and I/O, logs, and capacity above the minimum.")


if __name__ == "__main__":
    main()
