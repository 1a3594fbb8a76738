"""The languages in which people are told: one module each, all with the same parts."""
