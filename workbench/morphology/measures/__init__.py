"""Numbers that describe a shape: one function a measure, by NeuroM where it has it."""
