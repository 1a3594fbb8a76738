"""The languages of the texts: one module each, all with the same parts (`wording`)."""
