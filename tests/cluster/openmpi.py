"""Debian's Open MPI, and the Python that `make test-cluster` installs for it."""

import sys
from pathlib import Path

PYTHON = Path(sys.prefix, "openmpi", "bin", "python")
COMMAND = [str(PYTHON), "-c", "from workbench.cli import main; main()"]
MPIRUN = "mpirun.openmpi"

ENVIRONMENT = {
    # It refuses to work for root, and to start more ranks than there are cores.
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
}
