"""The verbs by theme: their words and options. What they do lies beside, one import away."""
