"""A study of one cylinder, or of a soma and a dendrite, with .mod files of its own."""

from collections.abc import Mapping
from pathlib import Path

from workbench.studies import Study, load_study

CELL = """\
[conditions]
celsius_degC = 22
v_init_mV = -65
segments = {{ max_length_um = 40 }}
[morphology]
file = "cell.swc"
[mechanisms]
folders = [{folders}]
[mechanisms.insert]
{insert}
[parameters.all]
g_pas = [1e-5, 1e-3]
{parameters}
"""
PROTOCOLS = """\
[step]
duration_ms = {duration_ms}
recordings = {{ soma = "soma(0.5)" }}
[[step.stimuli]]
type = "step"
site = "soma(0.5)"
delay_ms = 5
duration_ms = 20
amplitude_nA = {amplitude_nA}
"""
SOMA = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 -10 0 0 10 1\n"
DENDRITE = "4 3 20 0 0 1 1\n5 3 120 0 0 1 4\n"


def small_study(
    folder: Path,
    mods: Mapping[str, str],
    *,
    insert: str = "",
    parameters: str = "",
    integrator: str = "dt_ms = 0.025",
    dendrite: bool = False,
    duration_ms: float = 30.0,
    amplitude_nA: float = 0.1,
) -> Path:
    """Write the study and return its folder; `mods` are texts of .mod files by name."""
    if "all = " not in insert:
        insert = f'all = ["pas"]\n{insert}'
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in mods.items():
        (folder / "mods").mkdir(exist_ok=True)
        (folder / "mods" / f"{name}.mod").write_text(text)
    written = {
        "cell.swc": SOMA + DENDRITE * dendrite,
        "cell.toml": CELL.format(
            folders='"mods"' if mods else "", insert=insert, parameters=parameters
        ),
        "protocols.toml": PROTOCOLS.format(duration_ms=duration_ms, amplitude_nA=amplitude_nA),
        "targets.toml": "[step.soma.features]\nvoltage_base = [-65, 1]\n",
        "study.toml": (
            f'title = "small"\n[integrator]\n{integrator}\n[fit]\nalgorithm = "ibea"\n'
            "population = 4\ngenerations = 1\nseed = 1\n"
        ),
    }
    for name, text in written.items():
        (folder / name).write_text(text)
    return folder


def read_small_study(folder: Path, mods: Mapping[str, str], **parts: str | bool | float) -> Study:
    """Write the study and read it."""
    return load_study(str(small_study(folder, mods, **parts)))  # type: ignore[arg-type]
