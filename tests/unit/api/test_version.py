"""The package says its version, as its metadata and the command line do."""

from importlib.metadata import version

import workbench


def test_the_version_is_the_one_installed():
    assert workbench.__version__ == version("neuron-workbench")
    assert "__version__" in dir(workbench)
