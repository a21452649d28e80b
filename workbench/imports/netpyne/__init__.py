"""NetPyNE: a rule for cells, as its network parameters are saved."""

from workbench.imports.netpyne.reading import read_netpyne

__all__ = ["read_netpyne"]
