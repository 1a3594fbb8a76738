"""Define the errors of the importer, each with a message for the user of the command.

ImporterError
├── StackUnreachableError     the API does not respond, or rejects the tokens
└── LedgerError               the ledger cannot be read or written
"""


class ImporterError(Exception):
    """The import cannot be done; the message is one line with the cause and the remedy."""


class StackUnreachableError(ImporterError):
    """The API does not respond, or rejects the tokens: nothing more can be imported."""


class LedgerError(ImporterError):
    """The ledger cannot be read or written; the message names its path and the remedy."""
