"""Makes the FastAPI application, from routes, middleware and error handlers; free of AWS and environment."""

from convoke.errors import DomainError
from convoke.observability import MetricUnit
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from convoke_api import service_routes
from convoke_api.events import calendar_routes, participant_routes
from convoke_api.events import routes as event_routes
from convoke_api.inbox import routes as inbox_routes
from convoke_api.me import routes as me_routes
from convoke_api.services import Services
from convoke_api.web.correlation import Correlation
from convoke_api.web.problems import (
    make_error_response,
    make_unknown_method_response,
    make_unknown_path_response,
)
from convoke_api.web.transaction_retry import TransactionRetry

_ROUTERS = (
    calendar_routes.router,
    event_routes.router,
    participant_routes.router,
    inbox_routes.router,
    me_routes.router,
    service_routes.router,
)


def list_routes() -> list[BaseRoute]:
    """Return all routes, in the order of the OpenAPI document."""
    return [route for router in _ROUTERS for route in router.routes]


def create_app(services: Services) -> FastAPI:
    """Make the API that uses the given services. One request at a time: routes block on database calls."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services = services
    for router in _ROUTERS:
        app.include_router(router)
    app.add_middleware(TransactionRetry, logger=services.logger)
    app.add_middleware(Correlation, logger=services.logger)
    app.add_exception_handler(DomainError, _respond_to_domain_error)
    app.add_exception_handler(RequestValidationError, _respond_to_error)
    app.add_exception_handler(HTTPException, _respond_to_http_error)
    return app


async def _respond_to_error(_request: Request, error: Exception) -> Response:
    return make_error_response(error)


async def _respond_to_domain_error(request: Request, error: Exception) -> Response:
    response = make_error_response(error)
    if response.status_code in (401, 403):
        services: Services = request.app.state.services
        services.metrics.add_metric("AuthzDenied", MetricUnit.Count, 1)
    return response


async def _respond_to_http_error(request: Request, error: Exception) -> Response:
    if request.method == "OPTIONS":
        # A browser's preflight request; the gateway adds the CORS headers.
        return Response(status_code=204)
    match error:
        case HTTPException(status_code=404):
            return make_unknown_path_response()
        case HTTPException(status_code=405):
            return make_unknown_method_response(_list_methods(request))
    return make_error_response(error)


def _list_methods(request: Request) -> list[str]:
    # Starlette's own header lists only the methods of the first route with this path.
    methods: set[str] = set()
    for route in list_routes():
        matched, _ = route.matches(request.scope)
        if matched is not Match.NONE:
            methods |= getattr(route, "methods", set())
    return sorted(methods)
