"""The API function's entry point, composed while Lambda initialises the environment. Nothing connects yet."""

import asyncio

from convoke.database import make_engine
from convoke.observability import make_logger, make_metrics
from convoke.queues import SqsQueue
from convoke.settings import Settings, read_settings

from convoke_api.invocation import make_handler
from convoke_api.services import Services

_SERVICE = "convoke-api"


def make_services(settings: Settings) -> Services:
    """What the application works with, as the settings say."""
    return Services(
        engine=make_engine(
            settings.database_url,
            timeout_seconds=settings.database_timeout_seconds,
            application_name=_SERVICE,
        ),
        queue=SqsQueue(settings.queue_url),
        settings=settings,
        logger=make_logger(_SERVICE),
        metrics=make_metrics(_SERVICE, settings.stage),
    )


# Mangum runs each request on the current loop, and Python 3.13 warns when it has to make that up.
asyncio.set_event_loop(asyncio.new_event_loop())
handler = make_handler(make_services(read_settings()))
