"""Keep the execution environments of the four functions that run locally (all but `token_claims`)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from convoke_local.errors import LocalStackError
from convoke_local.lambda_.functions import Function, InvocationError
from convoke_local.lambda_.pool import EnvironmentPool
from convoke_local.stack.deployment import Deployment
from convoke_local.template import Template

#: Requests that the API handles at once; each takes a process and a database connection.
API_CONCURRENCY = 10


class FunctionPools:
    """Hold a pool for each function; the function logs to the folder `logs`."""

    def __init__(self, template: Template, deployment: Deployment, logs: Path) -> None:
        self._logs = logs
        self.api = self._make_pool(deployment.api, API_CONCURRENCY)
        self.worker = self._make_pool(deployment.worker, template.event_source().maximum_concurrency)
        self.relay = self._make_pool(deployment.relay, 1)
        self.migrator = self._make_pool(deployment.migrator, 1)

    def prepare(self) -> None:
        """Migrate the database and start one environment of each function.

        Raises LocalStackError when a function cannot be imported, or the migration fails.
        """
        upgrade = partial(self.migrator.invoke, '{"command": "upgrade"}', wait_seconds=60)
        steps: dict[EnvironmentPool, Callable[[], object]] = {
            self.migrator: upgrade,
            **{pool: pool.warm_up for pool in (self.api, self.worker, self.relay)},
        }
        with ThreadPoolExecutor(len(steps)) as threads:
            outcomes = {pool: threads.submit(step) for pool, step in steps.items()}
        for pool, outcome in outcomes.items():
            try:
                outcome.result()
            except InvocationError as error:
                name = pool.function.name
                # SQLAlchemy's messages have many lines.
                reason = str(error).split("\n", 1)[0]
                raise LocalStackError(
                    f"the {name} function failed: {reason} (see {self._log_path(name)})"
                ) from error
        # The migrator is not needed again.
        self.migrator.close()

    def close(self) -> None:
        """Kill all environments."""
        for pool in (self.api, self.worker, self.relay, self.migrator):
            pool.close()

    def _make_pool(self, function: Function, limit: int) -> EnvironmentPool:
        return EnvironmentPool(function, limit=limit, log=self._log_path(function.name))

    def _log_path(self, name: str) -> Path:
        return self._logs / f"{name}.log"
