"""Does a fit survive here? The same fit twice, once in peace and once under fire, compared."""

from workbench.torture.account import Account
from workbench.torture.faults import Faults
from workbench.torture.trial import Ordeal, torture

__all__ = ["Account", "Faults", "Ordeal", "torture"]
