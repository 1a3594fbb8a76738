"""Runs one scenario with the mutant of CHAOS_MUTANT: `python -m chaos.scenarios NAME DATABASE_URL SQS_URL`.

Exit status 0: the rule held. 3: it was broken, and standard output describes how. Other statuses are errors.
"""

import sys

from chaos.mutation import apply_mutant
from chaos.scenarios.bench import Bench, RuleBrokenError
from chaos.scenarios.registry import SCENARIOS

BROKEN = 3


def main() -> int:
    """Run the scenario; return the exit status."""
    name, database_url, sqs_endpoint = sys.argv[1:]
    apply_mutant()
    bench = Bench(database_url, sqs_endpoint)
    try:
        SCENARIOS[name](bench)
    except RuleBrokenError as broken:
        print(f"broken: {broken}")
        return BROKEN
    finally:
        bench.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
