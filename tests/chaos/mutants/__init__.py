"""The mutants: one module each, with the rule that it breaks, what has to catch it, and `apply`."""
