"""Builds the API function's handler from the environment variables. Nothing connects yet."""

import asyncio

from convoke.database.access import make_function_engine
from convoke.database.engine import report_connects
from convoke.observability import MetricUnit, make_logger, make_metrics
from convoke.queues import make_logging_queue
from convoke.settings import read_settings

from convoke_api.invocation import Handler, make_handler
from convoke_api.services import Services
from convoke_api.settings import ApiSettings
from convoke_api.snapshots import register_hooks

_SERVICE = "convoke-api"


def compose() -> Handler:
    """Build the handler from the environment variables."""
    # Mangum runs each request on the current loop; Python 3.13 warns when it has to create one.
    asyncio.set_event_loop(asyncio.new_event_loop())
    services = make_services(read_settings(ApiSettings))
    register_hooks(services.engine)
    return make_handler(services)


def make_services(settings: ApiSettings) -> Services:
    """Make the services of the application from the settings."""
    engine = make_function_engine(settings, application_name=_SERVICE)
    metrics = make_metrics(_SERVICE, settings.stage)
    report_connects(engine, lambda took: metrics.add_metric("DbConnectMs", MetricUnit.Milliseconds, took))
    logger = make_logger(_SERVICE)
    return Services(
        engine=engine,
        queue=make_logging_queue(settings.queue_url, logger),
        settings=settings,
        logger=logger,
        metrics=metrics,
    )
