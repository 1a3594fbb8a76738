"""/health and the OpenAPI document: what touches no data."""

from typing import Any, Literal

from convoke_openapi import describe
from fastapi import APIRouter, Depends, Request

from convoke_api.dependencies import get_identity
from convoke_api.web.schemas import ResponseModel

router = APIRouter(tags=["service"])


class Health(ResponseModel):
    """The function answers."""

    status: Literal["ok"] = "ok"


@router.get("/health", operation_id="get_health")
async def read_health() -> Health:
    """Says that the function runs; the database and the queue are not asked."""
    return Health()


@router.head("/health", operation_id="head_health")
async def check_health() -> Health:
    """As GET, with the same headers and no body: many monitors ask so."""
    return Health()


@router.get("/v1/openapi.json", dependencies=[Depends(get_identity)], operation_id="get_openapi")
async def read_openapi(request: Request) -> dict[str, Any]:
    """This document."""
    return describe(request.app)
