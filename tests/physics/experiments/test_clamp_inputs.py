"""What cannot be clamped is refused before anything is compiled."""

import pytest

from workbench.errors import InputError, MechanismError
from workbench.experiments import Clamp, clamp_family
from workbench.mechanisms import MechanismSet, read_mechanisms

CHANNEL = """
NEURON { SUFFIX chan USEION k READ ek WRITE ik RANGE gbar GLOBAL half }
PARAMETER { gbar = 1 (S/cm2) half = -30 (mV) }
STATE { n }
"""
SYNAPSE = "NEURON { POINT_PROCESS Syn NONSPECIFIC_CURRENT i }\nSTATE { g }\n"
POOL = "NEURON { SUFFIX pool USEION ca READ ica WRITE cai }\nSTATE { cai (mM) }\n"


@pytest.fixture(scope="module")
def mechanisms(tmp_path_factory: pytest.TempPathFactory) -> MechanismSet:
    folder = tmp_path_factory.mktemp("channels")
    for name, text in (("chan", CHANNEL), ("syn", SYNAPSE), ("pool", POOL)):
        (folder / f"{name}.mod").write_text(text)
    return read_mechanisms(folder)


@pytest.mark.parametrize(
    ("suffix", "said"),
    [
        ("chna", "did you mean 'chan'"),
        ("Syn", r"Syn \(point\) cannot be clamped"),
        ("pool", r"pool \(density\) cannot be clamped"),
    ],
)
def test_what_is_no_channel(mechanisms: MechanismSet, suffix: str, said: str) -> None:
    with pytest.raises(MechanismError, match=said):
        clamp_family(mechanisms, suffix, celsius_degC=20)


@pytest.mark.parametrize("name", ["gbar", "ik", "n_chan", "half", "cai", "L"])
def test_settings_of_something_else(mechanisms: MechanismSet, name: str) -> None:
    with pytest.raises(MechanismError, match="Allowed: ek, gbar_chan, half_chan"):
        clamp_family(mechanisms, "chan", celsius_degC=20, settings={name: 1.0})


def test_only_neurons_own_without_a_folder() -> None:
    with pytest.raises(MechanismError, match="unknown mechanism 'chan'"):
        clamp_family(None, "chan", celsius_degC=20)
    with pytest.raises(MechanismError, match="na_ion"):
        clamp_family(None, "na_ion", celsius_degC=20)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ({"tail_ms": -1.0}, "tail_ms is -1"),
        ({"step_ms": float("nan")}, "step_ms is nan"),
        ({"dt_ms": 0.0}, "dt_ms is 0, it must be above 0"),
        ({"step_ms": 0.01}, r"at most step_ms, 0\.01"),
        ({"step_ms": 1e9}, r"are 2\.8e\+11 samples, at most 1e\+08"),
    ],
)
def test_times_that_cannot_be(times: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Clamp(**times)  # type: ignore[arg-type]
