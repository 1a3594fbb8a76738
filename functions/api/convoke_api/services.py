"""What the application works with, as the composition root hands it over."""

from dataclasses import dataclass

from convoke.observability import EphemeralMetrics, Logger
from convoke.queues import DeliveryQueue
from sqlalchemy import Engine

from convoke_api.settings import ApiSettings


@dataclass(frozen=True, slots=True)
class Services:
    """What the composition root hands to the application."""

    engine: Engine
    queue: DeliveryQueue
    settings: ApiSettings
    logger: Logger
    metrics: EphemeralMetrics
