"""Convoke against its peers and against the limits of the machine, in one run: `make bench`."""
