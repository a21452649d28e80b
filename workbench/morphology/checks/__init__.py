"""What is odd about a shape: a function a check, and beside it what mends it."""
