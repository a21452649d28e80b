"""What is spoilt, and which verbs read it."""

import json
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyabf.abfWriter

from tests import recorded_files
from tests.fuzz.mutations import NUMBERS, WORDS, files_of
from tests.fuzz.stock import (
    RUN,
    SCORE,
    SHIPPED,
    Case,
    Stock,
    of_call,
    of_verb,
    spoil,
)
from tests.fuzz.trial import verb
from tests.system.command import REPOSITORY
from tests.unit.imports.models import MODELS, NAMED


def study(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A file of a study, spoilt, read by every verb that reads studies."""
    name = dice.choice(stock.studies)
    place = f"studies/{name}"
    for one in {name, "l5pc", "hay_l5b"}:
        shutil.copytree(SHIPPED / one, folder / "studies" / one)
    files = sorted((folder / place).glob("*.toml"))
    file = dice.choice(files)
    spoil(file, dice)
    what = f"{name}/{file.name}"
    if file.name == "expected.toml" and dice.random() < 0.9:

        def expected() -> object:
            from workbench.studies import load_expected, load_study

            return load_expected(load_study(folder / place))

        return of_call(what, expected)
    job = ["--ranks", 2, "--time", "1:00:00", "--out", "job", "--launch", "mpirun"]
    submit = ["submit", place, *job]
    params = dice.choice(["published", "release"])
    choice: list[object]
    match dice.randrange(6):
        case 0 | 1:
            choice = submit
        case 2 if file.name == "calibration.toml":
            choice = [*submit, "--engine", "auto"]
        case 2:
            choice = ["export", place, "--out", "exported", "--params", params]
        case 3 | 4:
            choice = ["simulate", place, "--params", params, "--protocol", "nosuch"]
        case _:
            choice = ["score", place, "--params", params, "--set", "nosuch.all=1"]
    return of_verb(what, *choice)


def simulated(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt cell that is simulated if it is one."""
    name = dice.choice(["hodgkin_huxley", "hodgkin_huxley", "pinsky_rinzel"])
    place = f"studies/{name}"
    shutil.copytree(SHIPPED / name, folder / place)
    file = folder / place / dice.choice(["cell.toml", "targets.toml", "published.toml"])
    spoil(file, dice)
    what = f"{name}/{file.name}, simulated"
    match dice.randrange(4):
        case 0:
            return of_verb(what, "score", place, "--params", "published", limit_s=240)
        case 1:
            small = ["--population", 2, "--generations", 1, "--workers", 1, "--out", "run"]
            return of_verb(what, "fit", place, *small, allowed=RUN, limit_s=240)
        case _:
            one = ["--protocol", "step" if name == "hodgkin_huxley" else "burst"]
            return of_verb(what, "simulate", place, "--params", "published", *one, limit_s=240)


def driven(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt file of a study with synapses, or a spoilt file of times."""
    page = (REPOSITORY / "docs" / "synapses.md").read_text()
    (folder / "driven").mkdir()
    for name, text in re.findall(r"```toml\n# (driven/\w+\.toml)\n(.*?)```", page, re.DOTALL):
        (folder / name).write_text(text.replace("[20, 30]", '"times.txt"'))
    (folder / "driven" / "times.txt").write_text("20\n30.5\n1e2\n")
    file = folder / "driven" / dice.choice(["cell.toml", "protocols.toml", "times.txt"])
    spoil(file, dice)
    values = ["--set", "weight.syn=0.001", "--protocol", dice.choice(["pair", "nosuch", "nosuch"])]
    return of_verb(f"driven/{file.name}", "simulate", "driven", *values, limit_s=240)


def regions(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt cell.toml with named regions, for its study or for a shape alone."""
    page = (REPOSITORY / "docs" / "regions.md").read_text()
    (folder / "tufted").mkdir()
    for name, text in re.findall(r"```toml\n# (tufted/\w+\.toml)\n(.*?)```", page, re.DOTALL):
        (folder / name).write_text(text)
    file = folder / "tufted" / dice.choice(["cell.toml", "cell.toml", "cell.toml", "shape.toml"])
    spoil(file, dice)
    shape = ["tufted/shape.toml", "--regions", "tufted/cell.toml"]
    match dice.randrange(3):
        case 0:
            return of_verb(f"tufted/{file.name}", "morphology", "check", *shape)
        case 1:
            return of_verb(f"tufted/{file.name}", "morphology", "measure", *shape, "--by", "region")
        case _:
            values = ["--set", "g_pas.tuft=5e-5", "--protocol", "nosuch"]
            return of_verb(f"tufted/{file.name}", "simulate", "tufted", *values)


def values(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt cell.toml whose values are free, tied, totals and for single sections."""
    page = (REPOSITORY / "docs" / "parameters.md").read_text()
    (folder / "tied").mkdir()
    for name, text in re.findall(r"```toml\n# (tied/\w+\.toml)\n(.*?)```", page, re.DOTALL):
        (folder / name).write_text(text)
    spoil(folder / "tied" / "cell.toml", dice)
    given = ["--set", "g_pas.dendrites=5e-5", "--set", "gnabar_hh.somatic=0.12"]
    one = ["--protocol", dice.choice(["pulse", "nosuch", "nosuch"])]
    return of_verb("tied/cell.toml", "simulate", "tied", *given, *one, limit_s=240)


def experiment(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt file of an experiment; sometimes what is left of it is done."""
    page = (REPOSITORY / "docs" / "experiments.md").read_text()
    [text] = re.findall(r"```toml\n# rates\.toml\n(.*?)```", page, re.DOTALL)
    trees = '[cells.patch]\n[cells.two]\nmorphology = "two_compartments"\n'
    engines = "[factors.engine]\nfine = { cvode = 1e-5 }\nrough = { dt = 0.025 }\n"
    file = folder / "rates.toml"
    asked = "Spikecount" if dice.random() < 0.1 else "nosuch"
    heights = dice.choice(["soma.v.AP_height", "soma.v.maximum - soma.v.minimum"])
    text = text.replace("soma.v.AP_height", heights)
    file.write_text(text.replace("Spikecount", asked) + dice.choice([trees, engines, ""]))
    spoil(file, dice)
    args = ["experiment", file.name, "--workers", 1, "--out", "run"]
    return of_verb(file.name, *args, allowed=RUN, limit_s=240)


def current(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt file of a waveform; sometimes what is left of it is simulated."""
    place = folder / "studies" / "hodgkin_huxley"
    shutil.copytree(SHIPPED / "hodgkin_huxley", place)
    file = place / dice.choice(["current.csv", "current.npz"])
    t_ms, current_nA = np.array([0.0, 5.0, 5.0, 9.0]), np.array([0.0, 1.0, -1.0, 2.0])
    if file.suffix == ".npz":
        np.savez(file, t_ms=t_ms, current_nA=current_nA)
    else:
        rows = zip(t_ms, current_nA, strict=True)
        file.write_text("t_ms,current_nA\n" + "".join(f"{t},{i}\n" for t, i in rows))
    spoil(file, dice)
    protocols = (place / "protocols.toml").read_text()
    played = f'{{ type = "waveform", site = "soma(0.5)", delay_ms = 10, file = "{file.name}" }}'
    parts = protocols.split("stimuli = [\n", 1)
    (place / "protocols.toml").write_text(f"stimuli = [\n    {played},\n".join(parts))
    protocol = "step" if dice.random() < 0.1 else "nosuch"
    args = ["simulate", place, "--params", "published", "--protocol", protocol]
    return of_verb(file.name, *args, limit_s=240)


def recorded(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt recording that targets name, or spoilt targets; sometimes the cell is scored."""
    place = folder / "studies" / "hodgkin_huxley"
    shutil.copytree(SHIPPED / "hodgkin_huxley", place)
    recording, targets = place / "recording.csv", place / "targets.toml"
    recording.write_text("time_ms,v_mV\n0,-65\n30.5,-64\n60,2e1\n120,-65\n")
    keys = 'file = "recording.csv"\nwindow_ms = [10, 100]\nsd_mV = 0.5\ncut_spikes = true\n'
    targets.write_text(f"[step.soma.trace]\n{keys}spike_after_ms = 3\n")
    file = dice.choice([recording, recording, targets])
    spoil(file, dice)
    changes = [] if dice.random() < 0.1 else ["--set", "nosuch.all=1"]
    return of_verb(file.name, "score", place, "--params", "published", *changes, limit_s=240)


def sweeps(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt recording of any format."""
    i_nA = recorded_files.step_nA(0.05, until_ms=450)
    v_mV = recorded_files.passive_mV(i_nA)
    more: list[object] = []
    file = folder / dice.choice(["a.nwb", "a.abf", "a_ch0_1.ibw", "a.csv"])
    if file.suffix == ".nwb":
        recorded_files.write_nwb(file, [(v_mV, i_nA)], paired=dice.choice(["table", "name"]))
    elif file.suffix == ".abf":
        pyabf.abfWriter.writeABF1(np.array([v_mV]), str(file), 10_000, units="mV")
        recorded_files.give_command(file, "pA", [0.0, 50.0], [900, 3000])
    elif file.suffix == ".ibw":
        recorded_files.write_ibw(file, v_mV, "mV")
        recorded_files.write_ibw(folder / "a_ch1_1.ibw", i_nA, "nA")
        more = [folder / "a_ch1_1.ibw"]
    else:
        rows = zip(np.arange(i_nA.size) * 0.1, v_mV, i_nA, strict=True)
        text = "".join(f"{t:.6g},{v:.6g},{i:.6g}\n" for t, v, i in rows)
        file.write_text(f"time_ms,v_mV,i_nA\n{text}")
    spoil(file, dice)
    return of_verb(file.name, "recordings", file, *more)


def parameters(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt JSON file of parameters; sometimes what is left of it is simulated."""
    values = {"gnabar_hh.all": 0.12, "gkbar_hh.all": 0.036, "gl_hh.all": 0.0003}
    told = dice.choice([values, {"parameters": values, "sum_SD": 1.5}])
    (folder / "p.json").write_text(json.dumps(told))
    spoil(folder / "p.json", dice)
    protocol = [] if dice.random() < 0.1 else ["--protocol", "nosuch"]
    args = ["simulate", "hodgkin_huxley", "--params", "p.json", *protocol]
    return of_verb("p.json", *args, limit_s=240)


def run(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A run folder of which one file is spoilt."""
    shutil.copytree(stock.folder / "run", folder / "run")
    files = ["ledger.sqlite", "ledger.sqlite", "provenance.json", "provenance.json"]
    file = folder / "run" / dice.choice([*files, "traces/best.npz", "ledger.lock"])
    if not file.exists():
        file = folder / "run" / "ledger.sqlite"
    spoil(file, dice)
    what = f"run/{file.name}"
    match dice.randrange(10):
        case 7:
            more = dice.choice([[], ["--study", stock.studies[0]]])
            return of_verb(what, "rescore", "run", "--out", "new", *more, allowed=RUN)
        case 8:
            which = dice.choice(["", ":best", ":3", ":1/2", ":9"])
            lost = ["--params", f"run{which}", "--protocol", "nosuch"]
            return of_verb(what, "simulate", "hodgkin_huxley", *lost, allowed=RUN)
        case 9:
            size = ["--population", 2, "--generations", 1, "--workers", 1, "--out", "new"]
            begin = ["fit", "hodgkin_huxley", "--from", dice.choice(["run", "run:last"]), *size]
            return of_verb(what, *begin, allowed=RUN, limit_s=240)
        case 0:
            return of_verb(what, "report", "run")
        case 1:
            return of_verb(what, "ledger", "run", *dice.choice([[], ["--json"], ["--attempts"]]))
        case 2:
            return of_verb(what, "runs", ".")
        case 3 | 4:
            return of_verb(what, "ledger", "run", "--salvage", "new")
        case 5:
            return of_verb(what, "resume", "run", "--workers", 1, allowed=RUN, limit_s=240)
        case _:

            def open_run() -> object:
                import workbench as wb

                found = wb.open_run(folder / "run")
                return found.features(), found.evaluations()

            return of_call(what, open_run)


def checkpoint(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt checkpoint of BluePyOpt's."""
    shutil.copy(stock.folder / "cp.pkl", folder)
    spoil(folder / "cp.pkl", dice)
    return of_verb("cp.pkl", "import-checkpoint", "cp.pkl", limit_s=150)


def imported(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt file of another tool's model, imported."""
    tool, write = dice.choice(MODELS)
    file = dice.choice([one for one in files_of(write(folder / "model")) if one.suffix != ".mod"])
    spoil(file, dice)
    return of_verb(file.name, "import", tool, NAMED.get(tool, "model"), "--out", "out", limit_s=120)


def mechanism(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt .mod file, read, linted and now and then compiled."""
    mods = sorted((REPOSITORY / "mechanisms").glob("*/*.mod"))
    file = folder / "mine" / dice.choice(mods).name
    file.parent.mkdir()
    shutil.copy(next(m for m in mods if m.name == file.name), file)
    spoil(file, dice)
    match dice.randrange(20):
        case 0:
            return of_verb(file.name, "mechanisms", "build", "mine", limit_s=240)
        case n if n < 10:
            return of_verb(file.name, "mechanisms", "lint", "mine", limit_s=120)
        case _:
            return of_verb(file.name, "mechanisms", "list", "mine", limit_s=120)


def shape(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt morphology, loaded in Python, or checked and mended."""
    source = dice.choice(sorted((stock.folder / "shapes").iterdir()))
    file = folder / source.name
    shutil.copy(source, file)
    spoil(file, dice)
    soma = dice.choice(["neuron", "sphere", "cylinder"])
    if dice.random() < 0.5:
        more = dice.choice([[], ["--json"], ["--fix", "--out", "mended.swc"], ["--fix", "--json"]])
        return of_verb(file.name, "morphology", "check", file.name, "--soma", soma, *more)

    def load() -> object:
        import workbench as wb

        return wb.load_morphology(file, soma=soma)

    return of_call(file.name, load)


def table(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt table of values that give a cell its colours."""
    (folder / "map.csv").write_text("section,x,peak_mV\nsoma,0.5,40\ndend[0],0.5,20\n")
    spoil(folder / "map.csv", dice)
    return of_verb("map.csv", "morphology", "show", "traub_ca3", "--colour", "map.csv")


def cache(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """A spoilt file of the cache: what it held is found out anew, and the answer is the same."""
    shutil.copytree(stock.folder / "cache", folder / "cache")
    spoil(dice.choice(sorted(files_of(folder / "cache"))), dice)

    def act() -> None:
        os.environ["WORKBENCH_CACHE"] = str(folder / "cache")
        verb(*SCORE)()

    return Case("cache", tuple(SCORE), act, frozenset({0}), 240, stock.answer)


def options(stock: Stock, folder: Path, dice: random.Random) -> Case:
    """Options with numbers and words that nobody means."""
    value = dice.choice(
        [*NUMBERS[:19], *(w for w in WORDS if w and "\0" not in w and len(w) < 400)]
    )
    patch, lost = "hodgkin_huxley", ["--protocol", "nosuch"]
    job = ["--time", "1:00:00", "--out", "job"]
    of_fit = (
        *("--population", "--generations", "--algorithm", "--dt", "--order", "--cvode", "--launch"),
        *("--adaptive", "--celsius", "--engine", "--directive", "--scheduler", "--seeds"),
    )
    some: list[list[object]] = [
        ["fit", patch, "--population", value, "--generations", "nosuch"],
        ["fit", patch, "--workers", value, "--population", "nosuch"],
        ["submit", patch, "--ranks", value, *job],
        ["submit", patch, "--ranks", 2, "--time", value, "--out", "job"],
        ["submit", patch, "--ranks", 2, "--time", "1:00:00", "--out", value],
        ["submit", value, "--ranks", 2, *job],
        *(["submit", patch, "--ranks", 2, *job, option, value] for option in of_fit),
        ["simulate", patch, "--set", value],
        ["simulate", patch, "--params", value, *lost],
        ["simulate", patch, "--params", "published", "--with", value, *lost],
        ["simulate", patch, "--params", "published", "--out", value, *lost],
        ["score", value],
        ["export", patch, "--format", value],
        ["runs", value],
        ["ledger", value],
        ["report", value],
        ["resume", value],
        ["resume", "nosuch", "--generations", value],
        ["rescore", value],
        ["fit", patch, "--from", value, "--generations", 1, "--workers", "nosuch"],
        ["fit", patch, "--walltime", value, "--workers", "nosuch"],
        ["reproduce", value],
        ["mechanisms", "list", value],
        ["mechanisms", "lint", value],
        ["mechanisms", "plot", value],
        ["morphology", "fetch", value],
        ["import-checkpoint", value],
        ["import", *dice.choice([(value, "."), ("allen", value)])],
    ]
    return of_verb("options", *dice.choice(some))


KINDS: dict[str, tuple[int, Callable[[Stock, Path, random.Random], Case]]] = {
    "study": (30, study),
    "simulated": (3, simulated),
    "driven": (6, driven),
    "regions": (6, regions),
    "values": (4, values),
    "current": (6, current),
    "recorded": (6, recorded),
    "sweeps": (6, sweeps),
    "experiment": (6, experiment),
    "parameters": (8, parameters),
    "run": (14, run),
    "checkpoint": (4, checkpoint),
    "imported": (5, imported),
    "mechanism": (8, mechanism),
    "shape": (20, shape),
    "table": (4, table),
    "options": (13, options),
    "cache": (2, cache),
}


def drawn(only: str | None, dice: random.Random) -> str:
    """Return the name of a kind, as often as its weight says."""
    if only is not None:
        return only
    return dice.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
