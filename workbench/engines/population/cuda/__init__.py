"""The population engine's kernel as CUDA C++: a block a run, a thread a segment."""
