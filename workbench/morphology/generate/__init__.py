"""Cells made from a few numbers instead of a microscope, a file a kind."""
