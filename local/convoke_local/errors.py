"""What can keep the local stack from working, said in one line."""


class LocalStackError(Exception):
    """A sentence for the person at the terminal: what is wrong, where, and what to do about it."""
