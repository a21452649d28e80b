"""Arbor and Jaxley beside the population engine: `make bench-peers`."""
