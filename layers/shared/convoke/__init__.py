"""The shared Lambda layer: the modules that two or more of Convoke's functions need."""
