"""Sends messages before the commit, while the change may still be rolled back."""

from typing import Any, Self

import convoke_api.dependencies as dependencies
from chaos.mutation import replace
from convoke.outbox import make_messages
from convoke.queues import SqsQueue
from convoke.settings import read_settings
from convoke_api.settings import ApiSettings

RULE = "1: nothing is sent before the commit"
CAUGHT_BY = "harness"


class _EagerRows(list[Any]):
    def __iadd__(self, rows: Any) -> Self:
        SqsQueue(read_settings(ApiSettings).queue_url).send(make_messages(rows))
        return super().__iadd__(rows)


def apply() -> None:
    made = dependencies.UnitOfWork

    def make(*arguments: Any, **named: Any) -> Any:
        work = made(*arguments, **named)
        work.rows_to_send = _EagerRows()
        return work

    replace(dependencies, "UnitOfWork", make)
