"""Errors (RFC 9457), for the OpenAPI document."""

from typing import Annotated, Literal

from pydantic import Field

from convoke_api.web.schemas import MAX_ERRORS, ResponseModel


class ProblemItem(ResponseModel):
    """One thing wrong with a request; `pointer` is a JSON pointer (RFC 6901) to the place."""

    pointer: str
    detail: str


class ProblemDetails(ResponseModel):
    """An error (RFC 9457)."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str


class ValidationProblemDetails(ProblemDetails):
    """A request that cannot be accepted, and why."""

    errors: Annotated[list[ProblemItem], Field(max_length=MAX_ERRORS)]


class GatewayAnswer(ResponseModel):
    """What API Gateway answers by itself, before the application or in its stead."""

    message: str
