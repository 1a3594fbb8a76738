"""`convoke import`: iCalendar files, applied through the HTTP API as the people in them."""

from convoke_importer.command import run_import

__all__ = ["run_import"]
