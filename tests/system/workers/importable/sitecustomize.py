"""Children import this when they start: a file system that is away looks like this."""

import os
import time

if os.environ.get("WORKBENCH_TEST_HANGS"):
    time.sleep(600)
