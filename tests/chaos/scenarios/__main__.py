"""`python -m chaos.scenarios NAME DATABASE_URL SQS_URL`: one scenario, with the mutant of CHAOS_MUTANT.

Exit status 0: the rule held. 3: it was broken, and standard output says how. Anything else is an error.
"""

import sys

from chaos.mutation import apply_mutant
from chaos.scenarios.bench import Bench, RuleBrokenError
from chaos.scenarios.registry import SCENARIOS

BROKEN = 3


def main() -> int:
    """Run the scenario."""
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
