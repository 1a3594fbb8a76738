"""Writes the results of a run as docs/benchmarks.md and its plots."""
