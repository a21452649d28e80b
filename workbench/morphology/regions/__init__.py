"""Regions with names of their own: what they are given, and which sections they hold."""
