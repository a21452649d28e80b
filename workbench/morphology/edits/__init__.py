"""Edits: a morphology in, another one out; one file each."""
