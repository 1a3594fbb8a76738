"""What growing traffic needs and costs, computed from measured unit costs, and checked by simulation."""
