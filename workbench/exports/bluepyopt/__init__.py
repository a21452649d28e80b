"""A problem as an evaluator of stock BluePyOpt (Van Geit et al. 2016, Front Neuroinform 10:17)."""

from workbench.exports.bluepyopt.export import to_bluepyopt, write_folder

__all__ = ["to_bluepyopt", "write_folder"]
