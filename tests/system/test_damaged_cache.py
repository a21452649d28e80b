"""A compiled library that a disk has damaged is compiled anew, and no individual pays for it."""

from pathlib import Path

from tests.system.command import Run
from tests.system.running import attempts, table

FILES = {
    "channels/leaky.mod": """\
NEURON { SUFFIX leaky NONSPECIFIC_CURRENT i RANGE g, e }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
PARAMETER { g = 1e-4 (S/cm2) e = -70 (mV) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = g*(v - e) }
""",
    "cell.toml": """\
[conditions]
celsius_degC = 6.3
v_init_mV = -65
[morphology]
name = "patch"
[mechanisms]
folders = ["channels"]
[mechanisms.insert]
all = ["leaky"]
[parameters.all]
cm = 1
Ra = 35.4
g_leaky = [1e-5, 1e-3]
""",
    "protocols.toml": """\
[pulse]
duration_ms = 40
recordings = { soma = "soma(0.5)" }
stimuli = [
    { type = "step", site = "soma(0.5)", delay_ms = 10, duration_ms = 20, amplitude_nA = 1 },
]
""",
    "targets.toml": "[pulse.soma.features]\nvoltage_base = [-70, 1]\n",
    "study.toml": """\
title = "a leaky patch"
[integrator]
dt_ms = 0.025
[fit]
algorithm = "ibea"
population = 4
generations = 2
seed = 1
""",
}


def test_a_fit_on_a_damaged_cache_is_that_of_an_undisturbed_run(
    workbench: Run, tmp_path: Path
) -> None:
    study, cache = tmp_path / "study", tmp_path / "cache"
    for name, text in FILES.items():
        (study / name).parent.mkdir(parents=True, exist_ok=True)
        (study / name).write_text(text)

    def fit(name: str) -> str:
        run = tmp_path / name
        options = ("--adaptive", "0.02", "--workers", "1", "--out", run)
        return workbench("fit", study, *options, WORKBENCH_CACHE=str(cache)).stderr

    assert "is damaged" not in fit("undisturbed")
    libraries = sorted(cache.rglob("*.so"))
    assert {one.relative_to(cache).parts[0] for one in libraries} == {"builds", "libraries"}
    whole = {one: one.read_bytes() for one in libraries}
    for number, (one, content) in enumerate(whole.items()):
        middle = len(content) // 2
        flipped = bytes([content[middle] ^ 1])
        one.write_bytes(content[:middle] + (flipped + content[middle + 1 :]) * bool(number % 2))

    said = " ".join(fit("disturbed").split())
    assert said.count("is damaged: it is not what was compiled, and is compiled anew") >= 2
    assert table(tmp_path / "disturbed") == table(tmp_path / "undisturbed")
    assert {outcome for _, outcome in attempts(tmp_path / "disturbed")} == {
        outcome for _, outcome in attempts(tmp_path / "undisturbed")
    }
    assert "is damaged" not in fit("again")
