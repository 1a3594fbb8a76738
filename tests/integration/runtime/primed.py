"""The API function as it may be at a snapshot: it has served a request, and its random numbers are known."""

import json
import os
import random
from pathlib import Path
from typing import Any

from convoke_api.handler import handler as serve

_response = serve(json.loads(Path(os.environ["PRIMING_EVENT"]).read_text("utf-8")), None)
assert _response["statusCode"] == 201, _response
random.seed(1)


def handler(event: Any, context: Any) -> Any:
    """Serves requests, and tells the next random number when it is asked for that."""
    return random.random() if event == "random" else serve(event, context)
