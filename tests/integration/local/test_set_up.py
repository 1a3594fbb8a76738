"""Run the set-up on machines of all kinds: the Pythons and uv on PATH are stand-ins."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
_TOOLS = ("sh", "dirname", "cmp", "cp", "rm", "mkdir", "chmod", "cat")

# A Python of another version and with other modules than the one that runs it. It installs a stand-in for uv.
_PYTHON = """#!{interpreter} -IS
import os, shutil, sys
arguments = sys.argv[1:]
if arguments[0] == "-c":
    sys.modules["pip"] = sys
    for name in {missing!r}:
        sys.modules[name] = None
    sys.version_info = ({version}, 0, "final", 0)
    if "realpath" in arguments[1]:
        print(__file__)
    else:
        exec(arguments[1])
elif arguments[:3] == ["-m", "venv", "--clear"]:
    shutil.rmtree(arguments[-1], ignore_errors=True)
    os.makedirs(arguments[-1] + "/bin", exist_ok=True)
    os.symlink(__file__, arguments[-1] + "/bin/python")
elif arguments[:3] == ["-m", "pip", "install"]:
    open("pip.log", "a").write(" ".join(arguments[3:]) + "\\n")
    if {pip_fails!r}:
        sys.exit("pip: no index")
    target = arguments[arguments.index("--target") + 1] if "--target" in arguments else ".tools/uv"
    os.makedirs(target + "/bin", exist_ok=True)
    os.symlink(os.path.abspath("uv-stand-in"), target + "/bin/uv")
else:
    sys.exit(f"unexpected: {{arguments}}")
"""

# A uv that records its arguments. It has the Python that it has fetched.
_UV = """#!/bin/sh
echo "$*" >>uv.log
case "$*" in
    "python find"*) [ -e fetched ] && echo /uv/python3.13 ;;
    "python install"*) {fetch} ;;
    export*) {reads_lock} ;;
    "sync "*) mkdir -p .tools/ministack ;;
esac
"""


class Machine:
    """A machine with the tools of every system, a copy of the scripts, and the programs of a test."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.programs = folder / "bin"
        shutil.copytree(
            _ROOT / "local", self.project / "local", ignore=shutil.ignore_patterns("convoke_local")
        )
        self.programs.mkdir()
        for name in _TOOLS:
            (self.programs / name).symlink_to(shutil.which(name) or "/missing")
        self._write(self.project / "uv-stand-in", _UV.format(fetch=": >fetched", reads_lock=":"))

    def add_python(self, name: str, version: str, *missing: str, pip_fails: bool = False) -> Path:
        """Put a Python of that version on PATH, without the modules that are missing."""
        text = _PYTHON.format(
            interpreter=os.path.realpath(sys.executable),
            version=version.replace(".", ", "),
            missing=missing,
            pip_fails=pip_fails,
        )
        return self._write(self.programs / name, text)

    def add_uv(self, *, fetches: bool = True, reads_lock: bool = True) -> None:
        """Put a uv on PATH."""
        fetch, reads = ": >fetched" if fetches else "exit 1", ":" if reads_lock else "exit 2"
        self._write(self.programs / "uv", _UV.format(fetch=fetch, reads_lock=reads))

    def set_up(self) -> subprocess.CompletedProcess[str]:
        """Run `local/set-up.sh` to its end."""
        return subprocess.run(
            [str(self.programs / "sh"), self.project / "local/set-up.sh"],
            env={"PATH": str(self.programs), "HOME": str(self.project)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def read(self, log: str) -> str:
        """Return the records of a stand-in."""
        path = self.project / log
        return path.read_text("utf-8") if path.exists() else ""

    def _write(self, path: Path, text: str) -> Path:
        path.write_text(text, "utf-8")
        path.chmod(0o755)
        return path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


#: Debian's `python3` without `python3-venv` and `python3-pip`.
BARE = ("ensurepip", "pip")


def test_a_python_3_13_is_used_as_it_is(machine: Machine) -> None:
    machine.add_uv()
    python = machine.add_python("python3.13", "3.13")

    outcome = machine.set_up()

    assert outcome.returncode == 0, outcome.stderr
    assert f"sync --quiet --locked --python {python}" in machine.read("uv.log")
    assert "python install" not in machine.read("uv.log")


def test_without_one_uv_fetches_it(machine: Machine) -> None:
    machine.add_uv()
    machine.add_python("python3", "3.12")

    outcome = machine.set_up()

    assert outcome.returncode == 0, outcome.stderr
    assert "python install --quiet 3.13" in machine.read("uv.log")
    assert "sync --quiet --locked --python /uv/python3.13" in machine.read("uv.log")
    assert machine.read("pip.log") == ""


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_any_python_from_3_9_on_brings_the_pinned_uv_by_its_hash(machine: Machine, version: str) -> None:
    machine.add_python("python3", version)

    outcome = machine.set_up()

    assert outcome.returncode == 0, outcome.stderr
    assert "--require-hashes -r local/uv/requirements.txt" in machine.read("pip.log")
    assert ("python install --quiet 3.13" in machine.read("uv.log")) == (version != "3.13")


def test_a_second_run_installs_nothing(machine: Machine) -> None:
    machine.add_python("python3", "3.11")
    machine.set_up()

    outcome = machine.set_up()

    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")
    assert len(machine.read("pip.log").splitlines()) == 1


def test_a_newer_pin_replaces_the_uv_that_is_there(machine: Machine) -> None:
    machine.add_python("python3", "3.11")
    machine.set_up()
    with (machine.project / "local/uv/requirements.txt").open("a") as lock:
        lock.write("# newer\n")

    assert machine.set_up().returncode == 0
    assert len(machine.read("pip.log").splitlines()) == 2


@pytest.mark.parametrize("missing", ["ensurepip", "venv"])
def test_a_python_without_venv_brings_it_by_its_pip(machine: Machine, missing: str) -> None:
    machine.add_python("python3", "3.11", missing)

    outcome = machine.set_up()

    assert outcome.returncode == 0, outcome.stderr
    assert "--target .tools/uv" in machine.read("pip.log")


def test_a_python_that_can_install_nothing_is_passed_over(machine: Machine) -> None:
    machine.add_python("python3", "3.11", *BARE)
    machine.add_python("python3.10", "3.10")

    assert machine.set_up().returncode == 0
    assert machine.read("pip.log") != ""


def test_a_uv_that_cannot_read_the_lock_is_passed_over(machine: Machine) -> None:
    machine.add_uv(reads_lock=False)
    machine.add_python("python3", "3.11")

    assert machine.set_up().returncode == 0
    assert machine.read("pip.log") != ""


@pytest.mark.parametrize(("version", "missing"), [("3.8", ()), ("3.11", BARE), (None, ())])
def test_without_any_way_to_uv_one_line_says_what_to_install(
    machine: Machine, version: str | None, missing: tuple[str, ...]
) -> None:
    if version:
        machine.add_python("python3", version, *missing)

    outcome = machine.set_up()

    assert outcome.returncode == 1
    (line,) = outcome.stderr.splitlines()
    for word in ("3.9", "Debian", "Ubuntu: sudo apt install python3-venv", "macOS: brew install uv"):
        assert word in line


def test_without_an_index_the_reason_and_another_way_are_said(machine: Machine) -> None:
    machine.add_python("python3", "3.11", pip_fails=True)

    outcome = machine.set_up()

    assert outcome.returncode == 1
    assert "pip: no index" in outcome.stderr
    assert "install uv yourself" in outcome.stderr.splitlines()[-1]


@pytest.mark.parametrize("version", ["3.12", "3.14"])
def test_when_uv_cannot_fetch_python_one_line_says_what_to_install(machine: Machine, version: str) -> None:
    machine.add_uv(fetches=False)
    machine.add_python("python3", version)

    outcome = machine.set_up()

    assert outcome.returncode == 1
    (line,) = outcome.stderr.splitlines()
    for word in ("Python 3.13", "Lambda", "Debian", "Ubuntu", "macOS: brew install python@3.13", "pyenv"):
        assert word in line
