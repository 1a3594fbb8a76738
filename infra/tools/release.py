"""Writes the bill of a release: `python infra/tools/release.py FOLDER` writes for each deployable folder

    NAME.requirements.txt   the packages of its artifact, every file pinned by its hash
    NAME.cdx.json           the same as a bill of materials (CycloneDX 1.6), reproducible byte for byte

and prints the number of packages. Needs .tools/release (`infra/tools/set-up.sh release`); no network.
"""

import json
import subprocess
import sys
from pathlib import Path

from requirements import FOLDERS, ROOT

_CYCLONEDX = ROOT / ".tools/release/bin/cyclonedx-py"


def write_release(target: Path) -> dict[str, int]:
    """Write the files into `target`; return the number of packages of each artifact.

    Raises CalledProcessError if a requirements.txt cannot be read.
    """
    target.mkdir(parents=True, exist_ok=True)
    counts = {}
    for name, folder in FOLDERS.items():
        source = ROOT / folder / "requirements.txt"
        (target / f"{name}.requirements.txt").write_bytes(source.read_bytes())
        bill = target / f"{name}.cdx.json"
        command = [_CYCLONEDX, "requirements", source, "--output-reproducible", "--spec-version", "1.6"]
        command += ["--output-format", "JSON", "--output-file", bill]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own paths
        counts[name] = len(json.loads(bill.read_text(encoding="utf-8")).get("components", []))
    return counts


def main(target: Path) -> int:
    """Write the files and print their numbers of packages; return the exit status."""
    if not _CYCLONEDX.exists():
        print(f"{_CYCLONEDX.relative_to(ROOT)} is missing: run `make release`", file=sys.stderr)
        return 1
    for name, count in write_release(target).items():
        print(f"{name:16}{count:4} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
