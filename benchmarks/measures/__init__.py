"""The measures: one module for each kind of figure, each with its `measure_…` functions."""
