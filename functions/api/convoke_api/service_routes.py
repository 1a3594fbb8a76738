"""Serves /health and the OpenAPI document, without reading the database."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Depends, Response

from convoke_api.dependencies import get_identity
from convoke_api.web.schemas import ResponseModel

#: Written by `make openapi`; a test compares it with the code.
OPENAPI_FILE = Path(__file__).parent / "openapi.json"

router = APIRouter(tags=["service"])


class Health(ResponseModel):
    """The function runs."""

    status: Literal["ok"] = "ok"


@router.get("/health", operation_id="get_health")
async def read_health() -> Health:
    """Report that the function runs; database and queue are not checked."""
    return Health()


@router.head("/health", operation_id="head_health")
async def check_health() -> Health:
    """Return the headers of GET without a body, for monitors that use HEAD."""
    return Health()


@router.get(
    "/v1/openapi.json",
    dependencies=[Depends(get_identity)],
    response_model=dict[str, Any],
    operation_id="get_openapi",
)
async def read_openapi() -> Response:
    """Return this document."""
    return Response(_read_document(), media_type="application/json")


@cache
def _read_document() -> bytes:
    return OPENAPI_FILE.read_bytes()
