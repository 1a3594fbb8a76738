"""What a handler is told of its invocation."""

from dataclasses import dataclass


@dataclass
class Context:
    """What Powertools reads of a Lambda context."""

    function_name: str = "benchmark"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:benchmark"
    aws_request_id: str = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        """Always the whole of it."""
        return 30_000
