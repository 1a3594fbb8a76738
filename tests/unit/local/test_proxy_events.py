"""HTTP requests as API Gateway's events and back, against the published shapes (payload format 2.0)."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from convoke_local.api_gateway.proxy_events import MalformedResponseError, Request, make_event, read_response
from convoke_local.api_gateway.routes import Match, Route

DEFAULT = Match(Route("", "", authorized=True), {})
REQUEST = Request(
    method="POST",
    path="/my/path",
    query="",
    headers=[],
    body=b"",
    source_ip="192.0.2.1",
    port=8000,
    protocol="HTTP/1.1",
    request_id="id",
    received_at=datetime.fromtimestamp(1583348638.39, UTC),
)


def test_the_request_context_is_that_of_the_published_example() -> None:
    event = make_event(replace(REQUEST, headers=[("user-agent", "agent")]), DEFAULT, {"claim1": "value1"})

    context = event["requestContext"]
    assert context["http"] == {
        "method": "POST",
        "path": "/my/path",
        "protocol": "HTTP/1.1",
        "sourceIp": "192.0.2.1",
        "userAgent": "agent",
    }
    assert (context["time"], context["timeEpoch"]) == ("04/Mar/2020:19:03:58 +0000", 1583348638390)
    assert (context["stage"], context["routeKey"], context["requestId"]) == ("$default", "$default", "id")
    assert context["authorizer"] == {"jwt": {"claims": {"claim1": "value1"}, "scopes": None}}
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/my/path")


def test_claims_are_handed_over_as_text() -> None:
    claims = {"email_verified": True, "exp": 1583348638, "aud": ["a", "b"], "scope": "read write", "x": None}

    jwt = make_event(REQUEST, DEFAULT, claims)["requestContext"]["authorizer"]["jwt"]

    assert jwt["claims"] == {
        "email_verified": "true",
        "exp": "1583348638",
        "aud": "[a b]",
        "scope": "read write",
        "x": "null",
    }
    assert jwt["scopes"] == ["read", "write"]


def test_an_open_route_has_no_authorizer() -> None:
    assert "authorizer" not in make_event(REQUEST, DEFAULT, None)["requestContext"]


def test_repeated_headers_are_joined_and_cookies_stand_apart() -> None:
    headers = [("header2", "value1"), ("header2", "value2"), ("cookie", "a=1; b=2"), ("cookie", "c=3")]

    event = make_event(replace(REQUEST, headers=headers), DEFAULT, None)

    assert event["headers"]["header2"] == "value1,value2"
    assert "cookie" not in event["headers"]
    assert event["cookies"] == ["a=1", "b=2", "c=3"]


def test_the_query_is_there_raw_and_decoded_with_repeated_names_joined() -> None:
    event = make_event(replace(REQUEST, query="p=1&p=2&q=a%20b&e="), DEFAULT, None)

    assert event["rawQueryString"] == "p=1&p=2&q=a%20b&e="
    assert event["queryStringParameters"] == {"p": "1,2", "q": "a b", "e": ""}


def test_what_a_request_does_not_have_is_not_in_the_event() -> None:
    event = make_event(REQUEST, DEFAULT, None)

    assert not event.keys() & {"body", "cookies", "queryStringParameters", "pathParameters"}
    assert event["rawQueryString"] == ""


def test_path_variables_are_in_the_event() -> None:
    match = Match(Route("GET", "/{proxy+}", authorized=False), {"proxy": "my/path"})

    event = make_event(REQUEST, match, None)

    assert event["pathParameters"] == {"proxy": "my/path"}
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "GET /{proxy+}"


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "TEXT/plain"])
def test_text_stays_text(kind: str) -> None:
    request = replace(REQUEST, headers=[("content-type", kind)], body="ж".encode())

    event = make_event(request, DEFAULT, None)

    assert (event["body"], event["isBase64Encoded"]) == ("ж", False)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param([("content-type", "application/x-www-form-urlencoded")], b"a=1", id="a form"),
        pytest.param([], b"text", id="no type"),
        pytest.param([("content-type", "application/json")], b"\xff\xfe", id="no UTF-8"),
        pytest.param(
            [("content-type", "application/json"), ("content-encoding", "gzip")], b"{}", id="compressed"
        ),
    ],
)
def test_everything_else_is_base64(headers: list[tuple[str, str]], body: bytes) -> None:
    event = make_event(replace(REQUEST, headers=headers, body=body), DEFAULT, None)

    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == body


def test_a_result_in_format_2_is_sent_as_written() -> None:
    response = read_response(
        json.dumps(
            {
                "statusCode": 201,
                "headers": {"Location": "/x", "Content-Type": "application/problem+json"},
                "cookies": ["a=1; Path=/", "b=2"],
                "body": "ж",
            }
        )
    )

    assert response.status == 201
    assert response.headers == [
        ("location", "/x"),
        ("content-type", "application/problem+json"),
        ("set-cookie", "a=1; Path=/"),
        ("set-cookie", "b=2"),
    ]
    assert response.body == "ж".encode()


def test_a_base64_body_is_decoded() -> None:
    result = {"statusCode": 200, "body": base64.b64encode(b"\x00\xff").decode(), "isBase64Encoded": True}

    assert read_response(json.dumps(result)).body == b"\x00\xff"


@pytest.mark.parametrize(
    ("result", "body"),
    [({"a": 1}, b'{"a": 1}'), ("Hello from Lambda!", b"Hello from Lambda!"), ([1, 2], b"[1, 2]")],
)
def test_a_result_without_a_status_code_is_a_200_with_that_json(result: object, body: bytes) -> None:
    response = read_response(json.dumps(result))

    assert response.status == 200
    assert response.headers == [("content-type", "application/json")]
    assert response.body == body


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "fine"},
        {"statusCode": None},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "body": "*", "isBase64Encoded": True},
    ],
)
def test_a_result_that_cannot_be_sent_is_refused(result: object) -> None:
    with pytest.raises(MalformedResponseError):
        read_response(json.dumps(result))
