"""Computes the name of a release: `python infra/tools/release_id.py .aws-sam/build parameters.dev.yaml`.

Prints 40 hexadecimal digits, a hash over the names and contents of all the files given: the same build with
the same parameters has the same name, any other build another one. A missing file counts as empty.
"""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path


def name_release(places: Iterable[Path]) -> str:
    """Hash the files. Compiled modules are left out: they follow from their sources, and may hold times."""
    digest = hashlib.sha256()
    for place in places:
        files = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
        for file in files:
            if "__pycache__" in file.parts:
                continue
            content = file.read_bytes() if file.exists() else b""
            name = str(file.relative_to(place)) if place.is_dir() else ""
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:40]


if __name__ == "__main__":
    print(name_release(Path(argument) for argument in sys.argv[1:]))
