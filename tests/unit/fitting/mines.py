"""A process that is gone in the middle of its writes, as if it had been killed there."""

from workbench.evaluations import Ledger


class Killed(BaseException):
    """The process is gone."""


class MinedLedger(Ledger):
    """Dies at its n-th write, before or after it."""

    left = 0
    before = True

    def extend(self, *args):
        self._write(super().extend, *args)

    def told(self, *args):
        self._write(super().told, *args)

    def _write(self, write, *args):
        type(self).left -= 1
        if self.left == 0 and self.before:
            raise Killed
        write(*args)
        if self.left == 0:
            raise Killed


def mined(left, before):
    return type("Mined", (MinedLedger,), {"left": left, "before": before})
