"""A function signs in with a token, to a server with a trusted certificate, and to no other."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from convoke.database.access import make_function_engine
from convoke.database.sqlstates import is_unavailable
from convoke.errors import DatabaseUnavailableError
from convoke.observability import make_logger, make_metrics
from convoke.queues import SqsQueue
from convoke.settings import DatabaseSettings, SettingsError
from convoke_api.invocation import make_handler
from convoke_api.services import Services
from integration.api.client import current_loop
from integration.database_access.authority import Authority
from integration.database_access.gatekeeper import Gatekeeper
from integration.database_access.iam import SESSION_TOKEN, TokenCheck
from sqlalchemy import Engine, text

EVENTS = Path(__file__).parents[3] / "events"


def ask_who_i_am(engine: Engine) -> Any:
    with engine.connect() as connection:
        return connection.execute(text("SELECT current_user")).scalar()


def test_a_token_over_tls_signs_in(guarded_engine: Engine, gatekeeper: Gatekeeper) -> None:
    assert ask_who_i_am(guarded_engine) == "convoke_api"
    assert len(gatekeeper.check.tokens) == 1


def test_statements_of_all_sizes_pass_the_encrypted_connection(guarded_engine: Engine) -> None:
    with guarded_engine.connect() as connection:
        for size in (0, 1_000, 40_000, 1_000_000):
            sent = "я" * size
            assert connection.execute(text("SELECT CAST(:sent AS text)"), {"sent": sent}).scalar() == sent


def test_a_young_token_serves_the_next_connection_too(guarded_engine: Engine, gatekeeper: Gatekeeper) -> None:
    for _ in range(2):
        with guarded_engine.connect() as connection:
            connection.invalidate()

    first, second = gatekeeper.check.tokens
    assert first == second


def test_an_expired_token_is_refused_clearly_and_the_next_connection_has_a_new_one(
    guarded_engine: Engine, gatekeeper: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    gatekeeper.check.clock = lambda: datetime.now(UTC) + timedelta(minutes=16)

    with pytest.raises(
        DatabaseUnavailableError, match="localhost refused the sign-in of convoke_api"
    ) as caught:
        ask_who_i_am(guarded_engine)

    assert is_unavailable(caught.value)
    gatekeeper.check.clock = TokenCheck().clock
    # Two tokens of one second are equal, unless they are signed for another session.
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-another-session")
    with pytest.raises(DatabaseUnavailableError):
        ask_who_i_am(guarded_engine)
    assert "of-another-session" in gatekeeper.check.tokens[-1]
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    assert ask_who_i_am(guarded_engine) == "convoke_api"


def test_a_token_for_another_user_is_refused(settings: DatabaseSettings, gatekeeper: Gatekeeper) -> None:
    other = settings.database_url.replace("convoke_api@", "convoke_worker@")
    engine = make_function_engine(replace(settings, database_url=other), application_name="tests")
    assert ask_who_i_am(engine) == "convoke_worker"
    (token,) = gatekeeper.check.tokens

    assert not gatekeeper.check.accepts(token, user="convoke_api", address=f"localhost:{gatekeeper.port}")
    engine.dispose()


def test_a_server_of_another_authority_gets_no_token(
    guarded_engine: Engine, gatekeeper: Gatekeeper, tmp_path: Path
) -> None:
    gatekeeper.certificate = Authority(tmp_path / "stranger").certify("localhost")

    with pytest.raises(
        DatabaseUnavailableError, match=r"localhost is not known as our database: .+ issuer"
    ) as it:
        ask_who_i_am(guarded_engine)

    assert is_unavailable(it.value)
    assert gatekeeper.check.tokens == []


def test_a_server_with_a_certificate_for_another_name_gets_no_token(
    guarded_engine: Engine, gatekeeper: Gatekeeper, authority: Authority
) -> None:
    gatekeeper.certificate = authority.certify("another.example.org")

    with pytest.raises(DatabaseUnavailableError, match="localhost is not known as our database: Hostname"):
        ask_who_i_am(guarded_engine)

    assert gatekeeper.check.tokens == []


def test_a_server_without_tls_gets_no_token(settings: DatabaseSettings, gatekeeper: Gatekeeper) -> None:
    port = gatekeeper.upstream[1]
    plain = settings.database_url.replace(f":{gatekeeper.port}/", f":{port}/")
    engine = make_function_engine(replace(settings, database_url=plain), application_name="tests")

    with pytest.raises(Exception, match="Server refuses SSL") as caught:
        ask_who_i_am(engine)

    assert is_unavailable(caught.value)
    engine.dispose()


@pytest.mark.parametrize("fault", ["authority", "name", "token"])
def test_a_caller_is_told_to_come_back_and_the_log_why(
    fault: str,
    capsys: pytest.CaptureFixture[str],
    guarded_engine: Engine,
    gatekeeper: Gatekeeper,
    settings: DatabaseSettings,
    authority: Authority,
    tmp_path: Path,
) -> None:
    match fault:
        case "authority":
            gatekeeper.certificate = Authority(tmp_path / "stranger").certify("localhost")
        case "name":
            gatekeeper.certificate = authority.certify("another.example.org")
        case _:
            gatekeeper.check.clock = lambda: datetime.now(UTC) + timedelta(minutes=16)
    services = Services(
        engine=guarded_engine,
        queue=SqsQueue("http://127.0.0.1:1/queue"),
        settings=settings,
        logger=make_logger(f"tests-{fault}"),  # of its own: it keeps to the output that it found first
        metrics=make_metrics("tests", "local"),
    )

    with current_loop():
        response = make_handler(services)(json.loads((EVENTS / "api.json").read_text("utf-8")), None)

    assert response["statusCode"] == 503
    assert response["headers"]["retry-after"]
    assert "refused" not in response["body"]
    assert re.search("localhost (is not known as our database|refused the sign-in)", capsys.readouterr().out)


def test_a_user_without_a_password_signs_in_by_iam_alone() -> None:
    with pytest.raises(SettingsError, match="DATABASE_IAM needs a user"):
        make_function_engine(
            DatabaseSettings(
                database_url="postgresql://host/database", database_iam=True, aws_region="us-east-1"
            ),
            application_name="tests",
        )


def test_nothing_of_aws_is_loaded_before_the_first_connection() -> None:
    script = """
import sys
from convoke.database.access import make_function_engine
from convoke.settings import DatabaseSettings
url = "postgresql://convoke_api@host/database"
settings = DatabaseSettings(url, database_iam=True, aws_region="us-east-1")
make_function_engine(settings, application_name="tests")
print({"boto3", "botocore.auth", "botocore.session", "ssl"} & set(sys.modules))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "boto" not in run.stdout
