"""What two or more of Convoke's functions share: the shared Lambda layer."""
