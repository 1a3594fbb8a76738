"""Exports the requirements.txt of each deployable folder from uv.lock, every file pinned by its hash.

`python infra/tools/requirements.py` writes them; with --check it writes nothing and exits 1 with the
names of those that are stale. Reads uv.lock alone, so it needs no network.

A function's file is complete, also where the layer brings a package in the same version (SQLAlchemy for
the migrator): `sam build` lets pip resolve it, and pip refuses hashes for a part of a set.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "layer": "layers/dependencies",
    "api": "functions/api",
    "notify_worker": "functions/notify_worker",
    "outbox_relay": "functions/outbox_relay",
    "migrator": "functions/migrator",
}

_HEADER = "# Written by `make lock` from the group `{group}` of pyproject.toml and uv.lock: do not edit.\n"


def render_requirements() -> dict[Path, str]:
    """Render the text of each requirements.txt, by its path. Raises CalledProcessError if uv fails."""
    return {
        ROOT / folder / "requirements.txt": _HEADER.format(group=group) + _export(group)
        for group, folder in FOLDERS.items()
    }


def _export(group: str) -> str:
    uv = _run(str(ROOT / "local/find-uv.sh"), sys.executable).strip()
    return _run(
        *(uv, "export", "--quiet", "--frozen", "--offline", "--only-group", group),
        *("--no-emit-project", "--no-header", "--no-annotate"),
    )


def _run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - uv


def main() -> int:
    """Write or check the files and return the exit status."""
    parser = argparse.ArgumentParser(description="Export the requirements.txt of each deployable folder.")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if a file is stale")
    check = parser.parse_args().check
    stale = {
        path: text
        for path, text in render_requirements().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if check:
            print(f"{path.relative_to(ROOT)} is stale: run `make lock`", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
