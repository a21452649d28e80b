"""Exports: a study in the terms of other tools, one folder each."""
