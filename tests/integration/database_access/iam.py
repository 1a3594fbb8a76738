"""RDS's checks of a token, from the specification: Signature Version 4 by the standard library alone.

"Create a signed AWS API request" and "Authenticating Requests: Using Query Parameters" (AWS documentation).
Our code signs with botocore, so that the two sides have nothing in common.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

REGION = "us-east-1"  # where the queues of the tests are, too
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "the secret of the function's role"
SESSION_TOKEN = "the session/of+the role=="


class TokenCheck:
    """Says whether a token lets a user in at an address; remembers all that it was shown."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.tokens: list[str] = []

    def accepts(self, token: str, *, user: str, address: str) -> bool:
        self.tokens.append(token)
        parts = urlsplit(f"https://{token}")
        fields = dict(parse_qsl(parts.query, keep_blank_values=True))
        signature = fields.pop("X-Amz-Signature", "")
        made_at = datetime.strptime(fields["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        scope = f"{made_at:%Y%m%d}/{REGION}/rds-db/aws4_request"
        return (
            parts.netloc == address
            and fields["Action"] == "connect"
            and fields["DBUser"] == user
            and fields["X-Amz-Credential"] == f"{ACCESS_KEY_ID}/{scope}"
            and fields["X-Amz-Security-Token"] == SESSION_TOKEN
            and int(fields["X-Amz-Expires"]) <= 900
            and self.clock() < made_at + timedelta(seconds=int(fields["X-Amz-Expires"]))
            and hmac.compare_digest(signature, _sign(fields, address, made_at, scope))
        )


def _sign(fields: dict[str, str], address: str, made_at: datetime, scope: str) -> str:
    query = "&".join(f"{quote(name, safe='')}={quote(fields[name], safe='')}" for name in sorted(fields))
    empty = hashlib.sha256(b"").hexdigest()
    request = f"GET\n/\n{query}\nhost:{address}\n\nhost\n{empty}"
    text = (
        f"AWS4-HMAC-SHA256\n{made_at:%Y%m%dT%H%M%SZ}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    )
    key = f"AWS4{SECRET_ACCESS_KEY}".encode()
    for step in (*scope.split("/"), text):
        digest = hmac.new(key, step.encode(), hashlib.sha256)
        key = digest.digest()
    return digest.hexdigest()
