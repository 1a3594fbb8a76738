"""Acceptable calls, one after the other, for the same few things: whatever came before, all is as described.

Schemathesis has a state machine for this, which draws from true randomness; here the same stories are told
each time.
"""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from integration.fuzz.schema import find_misled, load_schema
from integration.fuzz.world import World
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

SCHEMA = load_schema(max_examples=1)
CALLS = [
    result.ok().as_strategy(generation_mode=GenerationMode.POSITIVE) for result in SCHEMA.get_all_operations()
]

#: What may have happened before: the event is cancelled, the participant is gone, the notification too.
_REFUSALS = {404, 409}
#: Or it has become all-day, and a new zone or instant alone does not fit.
_NO_TIME = "The event would have no possible time."


@settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    # What a story does depends on all of it: a shorter one is another one, and tells nothing of this one.
    phases=[Phase.generate],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(story=st.lists(st.one_of(CALLS), min_size=5, max_size=12))
def test_calls_that_follow_each_other_are_answered_as_described(story: list[Case[Any]], world: World) -> None:
    world.change_caller()
    things = {"event_id": world.make_event(), "notification_id": world.make_notification()}
    things["user_id"] = world.guest.id
    for case in story:
        case.path_parameters = {name: things[name] for name in case.path_parameters}
        world.make_acceptable(case)
        response = world.send(case)
        excluded = [positive_data_acceptance, *find_misled(SCHEMA, case)]
        case.validate_response(response, excluded_checks=excluded)
        if response.status_code >= 400:
            assert response.status_code in _REFUSALS or _NO_TIME in response.text, response.text
            world.check_health()
        if (case.path, response.status_code) == ("/v1/events", 201):
            things["event_id"] = response.json()["id"]
