"""A stand-in for the context of a Lambda invocation."""

from dataclasses import dataclass


@dataclass
class Context:
    """The attributes of a Lambda context that Powertools reads."""

    function_name: str = "benchmark"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:benchmark"
    aws_request_id: str = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        """Return the whole time, always."""
        return 30_000
