"""Provides the password of a new connection: a token signed with IAM's credentials, or a secret.

boto3 and botocore are loaded only here and in `convoke.queues`, at first use.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from convoke.errors import DatabaseUnavailableError

#: "A token has a lifetime of 15 minutes" (Amazon RDS User Guide, "IAM database authentication"): it is needed
#: at sign-in only, and a connection outlives it.
TOKEN_SECONDS = 900
#: Early enough that no token expires on its way, even with clock skew.
_RENEWAL_SECONDS = 600

_SECRET_TIMEOUT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class SignIn:
    """The user and the password of a sign-in."""

    user: str
    password: str


class Credentials(Protocol):
    """A source of the user and the password of new connections."""

    def get(self) -> SignIn:
        """Return the sign-in of a connection made now. Raises DatabaseUnavailableError without one."""
        ...

    def forget(self) -> None:
        """Fetch anew next time: the last sign-in was refused, or belongs to another environment."""
        ...


class IamTokens:
    """Tokens for one user of one database; `sign` makes one, without a network call."""

    def __init__(self, user: str, sign: Callable[[], str], *, clock: Callable[[], float] = time.time) -> None:
        # The wall clock: an environment is frozen between invocations, and a token ages all the same.
        self._user = user
        self._sign = sign
        self._clock = clock
        self._token = ""
        self._made_at = 0.0

    def get(self) -> SignIn:
        """Return the last token while it is young, else a new one."""
        now = self._clock()
        if not self._token or not 0 <= now - self._made_at < _RENEWAL_SECONDS:
            self._token = self._sign()
            self._made_at = now
        return SignIn(self._user, self._token)

    def forget(self) -> None:
        """Drop the token: the next one is new."""
        self._token = ""


class Secret:
    """A secret of Secrets Manager that holds `username` and `password` as JSON, as RDS keeps them."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read
        self._sign_in: SignIn | None = None

    def get(self) -> SignIn:
        """Return the user and the password in the secret; read once, until `forget`."""
        if self._sign_in is None:
            try:
                fields = json.loads(self._read())
                self._sign_in = SignIn(fields["username"], fields["password"])
            except (ValueError, KeyError, TypeError):
                # Not chained: the message of a JSON error quotes the secret.
                raise DatabaseUnavailableError(
                    "the secret must be JSON with `username` and `password`"
                ) from None
        return self._sign_in

    def forget(self) -> None:
        """Drop the sign-in: the secret may have been rotated."""
        self._sign_in = None


def sign_token(host: str, port: int, user: str, region: str) -> str:
    """Sign a token for a user of a database ("Connecting using IAM authentication", Amazon RDS User Guide).

    It is a presigned request (Signature Version 4) that is never sent; the server checks the signature.
    Raises DatabaseUnavailableError when there are no credentials.
    """
    # botocore's signer without its RDS client, which would read half a megabyte of API description.
    import botocore.session
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import BotoCoreError

    try:
        credentials = botocore.session.get_session().get_credentials()
        frozen = credentials.get_frozen_credentials() if credentials is not None else None
    except BotoCoreError as error:
        raise DatabaseUnavailableError(f"AWS gave no credentials: {type(error).__name__}") from error
    if frozen is None:
        raise DatabaseUnavailableError("there are no AWS credentials to sign in to the database with")
    url = f"https://{host}:{port}/?Action=connect&DBUser={quote(user, safe='')}"
    request = AWSRequest(method="GET", url=url)
    SigV4QueryAuth(frozen, "rds-db", region, expires=TOKEN_SECONDS).add_auth(request)
    return str(request.url).removeprefix("https://")


def read_secret(arn: str) -> str:
    """Read the text of a secret. Raises DatabaseUnavailableError when Secrets Manager does not return it."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=_SECRET_TIMEOUT_SECONDS, read_timeout=_SECRET_TIMEOUT_SECONDS)
    try:
        client = boto3.client("secretsmanager", config=config)
        text: str = client.get_secret_value(SecretId=arn)["SecretString"]
    except (BotoCoreError, ClientError) as error:
        raise DatabaseUnavailableError(f"the secret {arn} cannot be read: {error}") from error
    return text
