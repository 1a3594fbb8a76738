"""What a run has shown, written for readers: docs/benchmarks.md and its plots."""
