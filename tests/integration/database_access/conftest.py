"""The functions' roles on a real PostgreSQL, and a gatekeeper before it."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from convoke.database.access import make_function_engine
from convoke.settings import DatabaseSettings
from convoke_migrator.access import GRANTS
from integration.database_access.authority import Authority
from integration.database_access.gatekeeper import Gatekeeper, run_gatekeeper
from integration.database_access.iam import (
    ACCESS_KEY_ID,
    REGION,
    SECRET_ACCESS_KEY,
    SESSION_TOKEN,
    TokenCheck,
)
from sqlalchemy import Engine, make_url, text
from support.databases import execute


@pytest.fixture(scope="session")
def role_passwords(postgres_url: str, template_database: str) -> dict[str, str]:
    """Passwords of the functions' roles, which the server demands in clear text, as RDS does with a token."""
    passwords = {role: secrets.token_hex(16) for role in GRANTS}
    for role, password in passwords.items():
        execute(postgres_url, f"ALTER ROLE {role} PASSWORD '{password}'")
    _ask_for_passwords_in_clear_text(postgres_url, ",".join(GRANTS))
    return passwords


def _ask_for_passwords_in_clear_text(postgres_url: str, roles: str) -> None:
    address = make_url(postgres_url)
    settings = DatabaseSettings(database_url=postgres_url)
    engine = make_function_engine(settings, application_name="tests")
    with engine.connect() as connection:
        path = Path(connection.execute(text("SHOW hba_file")).scalar_one())
        # The first line that fits counts.
        path.write_text(f"host all {roles} {address.host}/32 password\n" + path.read_text())
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom the functions trust."""
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture
def gatekeeper(
    database_url: str,
    role_passwords: dict[str, str],
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Gatekeeper]:
    """The way to the test's database that is open with TLS and a token; the credentials to sign one."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    address = make_url(database_url)
    assert address.host is not None
    assert address.port is not None
    with run_gatekeeper(
        (address.host, address.port), role_passwords, TokenCheck(), authority.certify("localhost")
    ) as running:
        yield running


@pytest.fixture
def settings(gatekeeper: Gatekeeper, database_url: str, authority: Authority) -> DatabaseSettings:
    """As the template sets them for the API, for a database at the gatekeeper's address."""
    database = make_url(database_url).database
    return DatabaseSettings(
        database_url=f"postgresql://convoke_api@localhost:{gatekeeper.port}/{database}",
        database_iam=True,
        database_ca=str(authority.certificates),
        aws_region=REGION,
        database_timeout_seconds=10,
    )


@pytest.fixture
def guarded_engine(settings: DatabaseSettings) -> Iterator[Engine]:
    """The API's engine."""
    engine = make_function_engine(settings, application_name="tests")
    yield engine
    engine.dispose()
