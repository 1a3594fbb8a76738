"""Prints the document that `docs/openapi.json` links to. Needs no server and no setting."""

import json
import sys

from convoke_api.app import list_routes

from convoke_openapi.document import make_document


def print_document() -> None:
    """Write the document to the standard output: UTF-8, indented by two spaces, in the order of the code."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr] # always a text file here
    json.dump(make_document(list_routes()), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    print_document()
