"""What NEURON brings along and a study may paint, as the same values as a .mod file's."""

from collections.abc import Mapping
from types import MappingProxyType

from workbench.mechanisms.mechanism import Mechanism, Parameter
from workbench.nmodl import Ion

# Defaults and units as NEURON 9.0.2 reports them; eca is 12.5 ln(cao/cai) at these values.
# cai0_ca_ion is where cai begins as soon as a mechanism writes a concentration of calcium.
_MECHANISMS = (
    Mechanism(
        "pas",
        "density",
        range_parameters=(Parameter("g", 0.001, "S/cm2"), Parameter("e", -70.0, "mV")),
        assigned=("i",),
        nonspecific_currents=("i",),
    ),
    Mechanism(
        "hh",
        "density",
        range_parameters=(
            Parameter("gnabar", 0.12, "S/cm2"),
            Parameter("gkbar", 0.036, "S/cm2"),
            Parameter("gl", 0.0003, "S/cm2"),
            Parameter("el", -54.3, "mV"),
        ),
        states=("m", "h", "n"),
        assigned=("gna", "gk", "il", "minf", "hinf", "ninf", "mtau", "htau", "ntau"),
        ions=(Ion("na", ("ena",), ("ina",)), Ion("k", ("ek",), ("ik",))),
        nonspecific_currents=("il",),
    ),
    Mechanism(
        "ExpSyn",
        "point",
        range_parameters=(Parameter("tau", 0.1, "ms"), Parameter("e", 0.0, "mV")),
        states=("g",),
        assigned=("i",),
        nonspecific_currents=("i",),
        receives=("weight",),
        weight_unit="uS",
    ),
    Mechanism(
        "Exp2Syn",
        "point",
        range_parameters=(
            Parameter("tau1", 0.1, "ms"),
            Parameter("tau2", 10.0, "ms"),
            Parameter("e", 0.0, "mV"),
        ),
        states=("A", "B"),
        assigned=("i", "g"),
        nonspecific_currents=("i",),
        receives=("weight",),
        weight_unit="uS",
    ),
    Mechanism(
        "na_ion",
        "ion",
        range_parameters=(
            Parameter("ena", 50.0, "mV"),
            Parameter("nai", 10.0, "mM"),
            Parameter("nao", 140.0, "mM"),
        ),
        global_parameters=(
            Parameter("nai0", 10.0, "mM"),
            Parameter("nao0", 140.0, "mM"),
        ),
        assigned=("ina",),
    ),
    Mechanism(
        "k_ion",
        "ion",
        range_parameters=(
            Parameter("ek", -77.0, "mV"),
            Parameter("ki", 54.4, "mM"),
            Parameter("ko", 2.5, "mM"),
        ),
        global_parameters=(
            Parameter("ki0", 54.4, "mM"),
            Parameter("ko0", 2.5, "mM"),
        ),
        assigned=("ik",),
    ),
    Mechanism(
        "ca_ion",
        "ion",
        range_parameters=(
            Parameter("eca", 132.4579341637009, "mV"),
            Parameter("cai", 5e-5, "mM"),
            Parameter("cao", 2.0, "mM"),
        ),
        global_parameters=(
            Parameter("cai0", 5e-5, "mM"),
            Parameter("cao0", 2.0, "mM"),
        ),
        assigned=("ica",),
    ),
    Mechanism(
        "cable",
        "cable",
        range_parameters=(Parameter("cm", 1.0, "uF/cm2"), Parameter("Ra", 35.4, "ohm cm")),
    ),
)

BUILT_IN: Mapping[str, Mechanism] = MappingProxyType({m.suffix: m for m in _MECHANISMS})
"""NEURON's own mechanisms by suffix; "cable" stands for a section's cm and Ra."""
