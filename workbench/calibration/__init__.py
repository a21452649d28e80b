"""What a simulation's accuracy costs, measured on a study's own individuals, and the best buy."""

from workbench.calibration.choosing import Calibration, calibrate, write_calibration
from workbench.calibration.measuring import Measured

__all__ = ["Calibration", "Measured", "calibrate", "write_calibration"]
