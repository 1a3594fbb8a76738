"""Defines the error responses (RFC 9457) for the OpenAPI document."""

from typing import Annotated, Literal

from pydantic import Field

from convoke_api.web.schemas import MAX_ERRORS, ResponseModel


class ProblemItem(ResponseModel):
    """One error in a request; `pointer` is a JSON pointer (RFC 6901) to its place."""

    pointer: str
    detail: str


class ProblemDetails(ResponseModel):
    """An error (RFC 9457)."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str


class ValidationProblemDetails(ProblemDetails):
    """An error response that lists what is not valid in the request."""

    errors: Annotated[list[ProblemItem], Field(max_length=MAX_ERRORS)]


class GatewayAnswer(ResponseModel):
    """An error response of API Gateway itself, sent without the application."""

    message: str
