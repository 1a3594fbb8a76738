"""The built functions under Lambda's runtime, with a real database and a real queue."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from convoke_local.sqs.queues import STAND_IN_CREDENTIALS, Queues
from convoke_local.template import TEMPLATE_PATH, load_template
from integration.runtime.emulator import MISSING, Artifact, Emulator, run_emulator
from support.artifacts import build_artifacts

from benchmarks.runtime_packages import link_runtime_packages

LAYERS = ("DependenciesLayer", "SharedLayer")

#: Starts a function of the template, by its logical id; the second argument: variables of the test's own.
type Emulate = Callable[..., Emulator]


@pytest.fixture(scope="session", autouse=True)
def _only_where_the_emulator_runs() -> None:
    if MISSING:
        pytest.skip(MISSING)


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifacts, built as for a deployment."""
    return build_artifacts(tmp_path_factory)


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages that the runtime brings."""
    return link_runtime_packages(tmp_path_factory.mktemp("runtime") / "packages")


@pytest.fixture
def emulate(
    build: Path, runtime: Path, database_url: str, sqs_endpoint: str, queues: Queues, tmp_path: Path
) -> Iterator[Emulate]:
    """Starts functions with the limits and variables of the template, and ends them with the test."""
    template = load_template(TEMPLATE_PATH)
    addresses = {
        **STAND_IN_CREDENTIALS,
        "DATABASE_URL": database_url,
        "DATABASE_IAM": "false",
        "QUEUE_URL": queues.url,
        "AWS_ENDPOINT_URL_SQS": sqs_endpoint,
    }
    with ExitStack() as running:

        def start(
            name: str, timeout_seconds: float | None = None, handler: str | None = None, **variables: str
        ) -> Emulator:
            function = template.function(name)
            layers = tuple(build / layer for layer in LAYERS)
            return running.enter_context(
                run_emulator(
                    Artifact(name, handler or function.handler, build / name, layers, runtime),
                    {**function.variables, **addresses, **variables},
                    tmp_path / f"{name}.log",
                    timeout_seconds=timeout_seconds or function.timeout_seconds,
                    memory_mb=function.memory_mb,
                )
            )

        yield start
