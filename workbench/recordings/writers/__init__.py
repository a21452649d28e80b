"""Sweeps to files, a file a format."""
