"""One function in a process of its own: `python -m benchmarks.measures.memory_probe convoke_api.handler`.

Takes invocations on its standard input, one event in each line, and prints the most memory that the process
has had, in bytes, as its last line. The environment is that of the function.
"""

import json
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.measures.lambda_context import Context

_STATUS = Path("/proc/self/status")


def main() -> None:
    """Invoke and report. Raises RuntimeError when an invocation fails."""
    handler = import_module(sys.argv[1]).handler
    for line in sys.stdin:
        answer = handler(json.loads(line), Context())
        if answer.get("statusCode", 201) != 201 or answer.get("batchItemFailures"):
            raise RuntimeError(str(answer)[:1_000])
    print(f"\n{read_peak()}")


def read_peak() -> int:
    """The greatest resident memory of this process, in bytes."""
    if _STATUS.exists():
        # ru_maxrss would begin with what the parent had when it made us.
        (peak,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    import resource

    # macOS counts in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
