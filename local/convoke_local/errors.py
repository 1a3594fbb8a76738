"""Define the error of the local stack that ends a command with one line."""


class LocalStackError(Exception):
    """An error message for the user of the command: the cause, the place, and the remedy, on one line."""
