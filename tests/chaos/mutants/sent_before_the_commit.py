"""The queue hears of a change while it may still be rolled back."""

import convoke_api.dependencies as dependencies
from chaos.mutation import replace
from convoke.outbox import announce
from convoke.queues import SqsQueue
from convoke.settings import read_settings

RULE = "1: nothing is sent before the commit"
CAUGHT_BY = "harness"


class _EagerDoorbells(list):  # type: ignore[type-arg]  # a list of whatever the product puts in
    def __iadd__(self, rows):  # type: ignore[no-untyped-def,override]  # as in list
        SqsQueue(read_settings().queue_url).send(announce(rows))
        return super().__iadd__(rows)


def apply() -> None:
    made = dependencies.UnitOfWork

    def make(*arguments, **named):  # type: ignore[no-untyped-def]  # whatever the product passes
        work = made(*arguments, **named)
        work.doorbells = _EagerDoorbells()
        return work

    replace(dependencies, "UnitOfWork", make)
