"""Runs one function alone: `python -m benchmarks.measures.memory_probe convoke_api.handler`.

Reads invocations from standard input, one event a line, and prints the process's peak memory in bytes as its
last line. The environment is that of the function.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.measures.lambda_context import Context

_STATUS = Path("/proc/self/status")


def main() -> None:
    """Invoke the function and print the peak. Raises RuntimeError if an invocation fails."""
    handler = import_module(sys.argv[1]).handler
    for line in sys.stdin:
        response = handler(json.loads(line), Context())
        if response.get("statusCode", 201) != 201 or response.get("batchItemFailures"):
            raise RuntimeError(str(response)[:1_000])
    print(f"\n{read_peak()}")


def read_peak() -> int:
    """Return the peak resident memory of this process, in bytes."""
    if _STATUS.exists():
        # ru_maxrss would begin with the parent's memory at the fork.
        (peak,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    import resource

    # macOS counts in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
