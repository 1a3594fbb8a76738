"""Runs mutation testing on the code behind the guarantee: `python -m mutation [--minutes N] …`

Works on a copy of the checkout. cosmic-ray (.tools/mutation) makes the mutants and applies them, one after
the other; its own operators change the Python, those of `sql_operators` the SQL. Prints the survivors. Exit
status 1 if a module's tests fail without a mutant, or a survivor is not in docs/mutation-survivors.md.
"""

import argparse
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mutation.targets import TARGETS

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
_TOOL = ROOT / ".tools/mutation/bin/cosmic-ray"
_LISTED = ROOT / "docs/mutation-survivors.md"
_TIMEOUT_SECONDS = 90

#: A few of each kind: + is not mistaken for <<, or == for `is`, and the | of annotations does not run.
#: cosmic-ray replaces variables only if its settings name them: ours name none.
_LEFT_OUT = re.compile(
    r"core/(ReplaceBinaryOperator_(?!(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul)$)"
    r"|ReplaceComparisonOperator_(\w+_Is|Is_(?!Not)\w*|IsNot_(?!Is$)\w+|\w+_IsNot(?<!Is_IsNot))$"
    r"|Variable(Replacer|Inserter)|ReplaceUnaryOperator_\w+_Invert)"
)
#: Guards for readers and type checkers that change no behaviour: frozen classes, keyword-only parameters.
_NO_MATTER = re.compile(r"^\s*(@dataclass|@property|type )|frozen=True|(^|[ (])\*,")


def main() -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="mutation", description="Mutation testing: see tests/mutation.")
    parser.add_argument("--minutes", type=float, default=15, help="stop after this time")
    parser.add_argument("--only", default="", help="only modules with this word in their path")
    parser.add_argument("--out", type=Path, help="file for all results, as JSON")
    arguments = parser.parse_args()
    deadline = time.monotonic() + arguments.minutes * 60
    results: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder, _serve(Path(folder)) as copy:
        for module, tests in TARGETS.items():
            if arguments.only in module:
                results += mutate(copy, module, tests, deadline)
    if arguments.out:
        arguments.out.write_text(json.dumps(results, indent=1), "utf-8")
    return report(results)


@contextmanager
def _serve(folder: Path) -> Iterator[Path]:
    """Make a copy of the checkout, and start the process that runs its tests."""
    copy = folder / "copy"
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in names.stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    packages = sorted({str(copy.joinpath(*Path(module).parts[:2])) for module in TARGETS})
    # Before the checkout's own packages, which .venv names.
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(packages),
        "PYTHONDONTWRITEBYTECODE": "1",
        "XDG_RUNTIME_DIR": str(folder),
    }
    command = [sys.executable, "-P", HERE / "server.py", "serve", folder / "socket", copy]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield copy
        finally:
            server.communicate()


def mutate(copy: Path, module: str, tests: tuple[str, ...], deadline: float) -> list[dict[str, str]]:
    """Return the outcome of each mutant of a module: killed, survived, or left."""
    client = [sys.executable, "-S", "-E", str(HERE / "server.py"), "run", str(copy.parent / "socket"), *tests]
    if subprocess.run(client, check=False).returncode:
        output = (copy.parent / "output").read_text("utf-8")
        raise SystemExit(f"{module}: its tests fail without a mutant:\n{output}")
    session, settings = copy.parent / "session.sqlite", copy.parent / "settings.toml"
    session.unlink(missing_ok=True)
    settings.write_text(
        f"""[cosmic-ray]
module-path = {json.dumps(module)}
timeout = {_TIMEOUT_SECONDS}
excluded-modules = []
test-command = {json.dumps(" ".join(client))}
[cosmic-ray.distributor]
name = "local"
""",
        "utf-8",
    )
    environment = os.environ | {
        "PYTHONPATH": str(_make_plugin(copy.parent)),
        "XDG_RUNTIME_DIR": str(copy.parent),
    }
    subprocess.run([_TOOL, "init", settings, session], cwd=copy, env=environment, check=True)
    wanted = _choose(session, (copy / module).read_text("utf-8").splitlines())
    began = time.monotonic()
    with subprocess.Popen([_TOOL, "exec", settings, session], cwd=copy, env=environment) as execution:
        try:
            execution.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            execution.terminate()
    # A mutant in progress at the deadline stays in the copy: the next module is another one.
    results = _read(session, module, wanted)
    counts = Counter(result["outcome"] for result in results)
    took = time.monotonic() - began
    print(f"{module}: {dict(counts)}, {took:.0f} s", flush=True)
    return results


def _make_plugin(folder: Path) -> Path:
    """Make a folder that registers `sql_operators` with cosmic-ray."""
    known = folder / "plugin" / "sql_operators-1.dist-info"
    known.mkdir(parents=True, exist_ok=True)
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: sql_operators\nVersion: 1\n", "utf-8")
    (known / "entry_points.txt").write_text(
        "[cosmic_ray.operator_providers]\nsql = sql_operators:Operators\n", "utf-8"
    )
    shutil.copy2(HERE / "sql_operators.py", known.parent)
    return known.parent


def _choose(session: Path, lines: list[str]) -> dict[str, tuple[str, int]]:
    """Remove the mutants that are not worth a run; return operator and line of the others by id."""
    wanted, unwanted = {}, []
    with sqlite3.connect(session) as database:
        rows = database.execute("SELECT job_id, operator_name, start_pos_row FROM mutation_specs").fetchall()
        for job_id, operator, row in rows:
            if _LEFT_OUT.match(operator) or _NO_MATTER.search(lines[row - 1]):
                unwanted.append((job_id,))
            else:
                wanted[job_id] = (operator, row)
        for table in ("mutation_specs", "work_items"):
            database.executemany(f"DELETE FROM {table} WHERE job_id = ?", unwanted)
    return wanted


def _read(session: Path, module: str, wanted: dict[str, tuple[str, int]]) -> list[dict[str, str]]:
    with sqlite3.connect(session) as database:
        rows = database.execute("SELECT job_id, test_outcome, diff, output FROM work_results").fetchall()
    # cosmic-ray counts a test that does not end as a failure; on a busy machine it may only be slow.
    found = {
        job_id: ("timed out" if output == "timeout" else outcome, diff)
        for job_id, outcome, diff, output in rows
    }
    results = []
    for job_id, (operator, _) in wanted.items():
        outcome, diff = found.get(job_id, ("left", ""))
        changed = [line for line in (diff or "").splitlines() if re.match(r"[-+](?![-+]{2})", line)]
        results.append(
            {
                "module": module,
                "operator": operator,
                "outcome": str(outcome).rpartition(".")[2].lower(),
                "before": "\n".join(line[1:].strip() for line in changed if line[0] == "-"),
                "after": "\n".join(line[1:].strip() for line in changed if line[0] == "+"),
            }
        )
    return results


def report(results: list[dict[str, str]]) -> int:
    """Print the survivors that are not listed, in the list's form; return the exit status."""
    listed = _LISTED.read_text("utf-8") if _LISTED.exists() else ""
    counts = Counter(result["outcome"] for result in results)
    unknown = 0
    for result in results:
        change = f"`{result['before']}` → `{result['after']}`"
        if result["outcome"] == "survived" and change not in listed:
            unknown += 1
            print(f"- {result['module']}, {result['operator']}\n  {change}")
    print(f"{dict(counts)}; survivors that are not listed: {unknown}")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
