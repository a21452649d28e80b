"""Run tests on rank 0, with the other ranks as workers: `mpirun -n N python THIS FILE...`."""

import os
import sys

import pytest

from workbench.workers import enlist, find_launch


class Plugin:
    def __init__(self, crew):
        self._crew = crew

    @pytest.fixture(scope="session")
    def crew(self):
        return self._crew


with enlist(find_launch(os.environ)) as crew:
    arguments = ["-q", "-p", "no:cacheprovider", "-k", "ranks", *sys.argv[1:]]
    sys.exit(int(pytest.main(arguments, plugins=[Plugin(crew)])))
