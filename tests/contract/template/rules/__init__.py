"""The rules of the template, each a function that yields the faults of a template."""

from contract.template.rules import (
    alarms,
    dashboard,
    environment,
    functions,
    gateway,
    identity,
    permissions,
    queues,
    releases,
    surroundings,
)

RULES = (
    *gateway.RULES,
    *queues.RULES,
    *permissions.RULES,
    *functions.RULES,
    *environment.RULES,
    *surroundings.RULES,
    *identity.RULES,
    *releases.RULES,
    *alarms.RULES,
    *dashboard.RULES,
)
