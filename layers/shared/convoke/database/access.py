"""Makes a function's engine from its settings: credentials, TLS, timeouts. Used by all functions.

A password in DATABASE_URL is used as it is. Without one, DATABASE_SECRET_ARN or DATABASE_IAM selects its
source, and the connection is encrypted and the server's certificate checked (ADR 0030, 0031).
"""

import ssl
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.engine import Engine

from convoke.database.credentials import Credentials, IamTokens, Secret, read_secret, sign_token
from convoke.database.engine import make_engine
from convoke.database.sqlstates import sqlstate
from convoke.database.tls import find_certificates, make_context
from convoke.errors import DatabaseUnavailableError
from convoke.settings import DatabaseSettings, SettingsError

#: SQLSTATE class 28, "invalid authorization specification".
_REFUSED_CLASS = "28"
_PORT = 5432


def make_function_engine(
    settings: DatabaseSettings, *, application_name: str, timeout_seconds: float | None = None
) -> Engine:
    """Make the engine of a function from its settings; see `make_engine`. Nothing connects yet.

    `timeout_seconds` takes the place of DATABASE_TIMEOUT_SECONDS. Raises SettingsError when the settings
    do not go together.
    """
    url = make_url(settings.database_url)
    credentials = choose_credentials(settings, url)
    certificates = choose_certificates(settings, credentials)
    engine = make_engine(
        settings.database_url,
        timeout_seconds=timeout_seconds or settings.database_timeout_seconds,
        application_name=application_name,
    )
    if certificates is not None:
        guard_sign_in(engine, credentials, certificates)
    return engine


def choose_credentials(settings: DatabaseSettings, url: URL) -> Credentials | None:
    """Choose the source of the password; None when the URL has one, or none is needed."""
    if url.password is not None:
        return None
    if settings.database_secret_arn:
        return Secret(partial(read_secret, settings.database_secret_arn))
    if not settings.database_iam:
        return None
    if not url.username or not url.host or not settings.aws_region:
        raise SettingsError("DATABASE_IAM needs a user and a host in DATABASE_URL, and AWS_REGION")
    sign = partial(sign_token, url.host, url.port or _PORT, url.username, settings.aws_region)
    return IamTokens(url.username, sign)


def choose_certificates(settings: DatabaseSettings, credentials: Credentials | None) -> Path | None:
    """Choose the file of trusted authorities; None: no TLS, which no AWS database accepts."""
    if settings.database_ca:
        return Path(settings.database_ca)
    return None if credentials is None else find_certificates(settings.aws_region)


def guard_sign_in(engine: Engine, credentials: Credentials | None, certificates: Path) -> None:
    """Encrypt each new connection of the engine, and sign it in with the credentials, if any.

    A connection that fails for its certificate or its sign-in raises DatabaseUnavailableError with the
    reason; after a refused sign-in, and when the engine has been disposed of, the credentials are fetched
    anew.
    """

    @cache
    def get_context() -> ssl.SSLContext:
        # At the first connection: it takes milliseconds, and not every invocation has one.
        return make_context(certificates)

    def connect(dialect: Any, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> Any:
        parameters["ssl_context"] = get_context()
        if credentials is not None:
            sign_in = credentials.get()
            parameters["user"], parameters["password"] = sign_in.user, sign_in.password
        host, user = parameters.get("host"), parameters.get("user")
        try:
            return dialect.connect(*arguments, **parameters)
        except ssl.SSLCertVerificationError as error:
            raise DatabaseUnavailableError(
                f"{host} is not known as our database: {error.verify_message} (trusted: {certificates})"
            ) from error
        except dialect.loaded_dbapi.Error as error:
            # pg8000 makes an InterfaceError of 28000, with which IAM refuses, and a DatabaseError of 28P01.
            state = sqlstate(error)
            if credentials is None or state is None or not state.startswith(_REFUSED_CLASS):
                raise
            credentials.forget()
            raise DatabaseUnavailableError(
                f"{host} refused the sign-in of {user} (SQLSTATE {state})"
            ) from error

    event.listen(engine, "do_connect", connect)
    if credentials is not None:
        event.listen(engine, "engine_disposed", lambda _engine: credentials.forget())
