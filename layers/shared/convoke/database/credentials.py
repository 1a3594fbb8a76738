"""With which password a new connection signs in: a token that IAM's credentials sign, or a secret.

Here and in `convoke.queues` alone boto3 or botocore is loaded, at first use.
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
#: Early enough that no token expires on its way, whatever the clocks say.
_RENEWAL_SECONDS = 600

_SECRET_TIMEOUT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a server asks for."""

    user: str
    password: str


class Credentials(Protocol):
    """Where a new connection gets its user and password from."""

    def get(self) -> SignIn:
        """For a connection that is made now. Raises DatabaseUnavailableError when there is none."""
        ...

    def forget(self) -> None:
        """Fetch anew next time: what was given has been refused, or belongs to another environment."""
        ...


class IamTokens:
    """Tokens for one user of one database; `sign` makes one, without asking anybody."""

    def __init__(self, user: str, sign: Callable[[], str], *, clock: Callable[[], float] = time.time) -> None:
        # The wall clock: an environment is frozen between invocations, and a token ages all the same.
        self._user = user
        self._sign = sign
        self._clock = clock
        self._token = ""
        self._made_at = 0.0

    def get(self) -> SignIn:
        """The last token while it is young, else a new one."""
        now = self._clock()
        if not self._token or not 0 <= now - self._made_at < _RENEWAL_SECONDS:
            self._token = self._sign()
            self._made_at = now
        return SignIn(self._user, self._token)

    def forget(self) -> None:
        """The next token is a new one."""
        self._token = ""


class Secret:
    """A secret of Secrets Manager that holds `username` and `password` as JSON, as RDS keeps them."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read
        self._sign_in: SignIn | None = None

    def get(self) -> SignIn:
        """What the secret says; read once, until it is to be forgotten."""
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
        """The secret may have been rotated."""
        self._sign_in = None


def sign_token(host: str, port: int, user: str, region: str) -> str:
    """A token for a user of a database ("Connecting using IAM authentication", Amazon RDS User Guide).

    It is a presigned request (Signature Version 4) that nobody sends; the server checks the signature.
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
    """The text of a secret. Raises DatabaseUnavailableError when Secrets Manager does not give it."""
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
