"""Import iCalendar files through the HTTP API, as the people in them.

A client of the API: it imports neither the local stack nor a function.
"""

from convoke_importer.command import run_import
from convoke_importer.errors import ImporterError

__all__ = ["ImporterError", "run_import"]
