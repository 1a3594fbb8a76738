"""The rules of the template, each a function from the template to the faults that it finds."""

from contract.template.rules import environment, functions, gateway, permissions, queues

RULES = (*gateway.RULES, *queues.RULES, *permissions.RULES, *functions.RULES, *environment.RULES)
