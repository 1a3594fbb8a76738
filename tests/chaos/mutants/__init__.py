"""The mutants: one module each, with the rule that it breaks, the check that catches it, and `apply`."""
