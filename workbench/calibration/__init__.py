"""What a simulation's accuracy costs, measured on a study's own individuals, and the best buy."""

from workbench.calibration.checking import checked_here, fit_engine
from workbench.calibration.choosing import Calibration, calibrate, write_calibration
from workbench.calibration.measuring import PAIRS, Measured

__all__ = [
    "PAIRS",
    "Calibration",
    "Measured",
    "calibrate",
    "checked_here",
    "fit_engine",
    "write_calibration",
]
