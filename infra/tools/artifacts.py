"""Compiles the artifacts of `sam build` and prints their sizes.

`.tools/sam/bin/python infra/tools/artifacts.py BUILD_FOLDER`; exit status 1 if a function and its layers
together exceed Lambda's limit.
"""

import compileall
import py_compile
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse

#: A function and its layers, unzipped (AWS Lambda quotas).
LIMIT_BYTES = 250 * 1024 * 1024


def compile_artifact(folder: Path) -> None:
    """Put a .pyc beside each module. Raises ValueError if one does not compile.

    Lambda's file system is read-only: a module without a .pyc is compiled again at every cold start.
    The .pyc are unchecked, because the times in the deployed archive are not those of the sources.
    """
    is_layer = (folder / "python").is_dir()
    compiled = compileall.compile_dir(
        folder,
        quiet=1,
        workers=0,
        stripdir=str(folder),
        prependdir="/opt" if is_layer else "/var/task",  # what tracebacks show
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiled:
        raise ValueError(f"{folder} holds a module that does not compile")


def measure(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def find_layers(build: Path) -> dict[str, list[str]]:
    """Return the layers of each function, by their logical ids in the built template."""
    resources = yaml_parse((build / "template.yaml").read_text(encoding="utf-8"))["Resources"]
    return {
        name: [layer["Ref"] for layer in resource["Properties"].get("Layers", [])]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def main(build: Path) -> int:
    """Compile and measure each artifact in the build folder; return the exit status."""
    # A nested stack has a folder too, with its template and no code.
    artifacts = sorted(
        path for path in build.iterdir() if path.is_dir() and not (path / "template.yaml").exists()
    )
    for artifact in artifacts:
        compile_artifact(artifact)
    sizes = {artifact: measure(artifact) for artifact in artifacts}
    layers = find_layers(build)
    over_limit = False
    for artifact, size in sizes.items():
        together = size + sum(sizes[build / layer] for layer in layers.get(artifact.name, []))
        over_limit |= together > LIMIT_BYTES
        with_layers = "" if together == size else f", with the layers {_megabytes(together)}"
        print(f"{artifact.name:24}{_megabytes(size):>9}{with_layers}")
    if over_limit:
        print(f"Lambda allows {_megabytes(LIMIT_BYTES)}, function and layers together.", file=sys.stderr)
    return int(over_limit)


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
