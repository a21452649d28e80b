"""Bad input ends with exit code 2 and a message that names the file, the key, what is allowed."""

import shutil
from pathlib import Path

import pytest

from tests.physics.engines.small_studies import small_study
from tests.system.command import REPOSITORY, Refused, Run

MISTAKES = {
    "a misspelt key": ("cell.toml", "v_init_mV", "v_int_mV", ["conditions.v_int_mV", "v_init_mV"]),
    "an unknown mechanism parameter": (
        "cell.toml",
        "gImbar_Im",
        "gImbra_Im",
        ["parameters.apical.gImbra_Im", "did you mean 'gImbar_Im'"],
    ),
    "a missing morphology": (
        "cell.toml",
        'name = "C060114A7"',
        'file = "mine.asc"',
        ["mine.asc"],
    ),
    "an unknown region": (
        "cell.toml",
        "[parameters.basal]",
        "[parameters.basla]",
        ["parameters.basla", "did you mean 'basal'", "apical"],
    ),
    "bounds in the wrong order": (
        "cell.toml",
        "gNaTs2_tbar_NaTs2_t = [0, 0.04]",
        "gNaTs2_tbar_NaTs2_t = [0.04, 0]",
        ["parameters.apical.gNaTs2_tbar_NaTs2_t", "[0.04, 0]", "lower bound"],
    ),
    "a stimulus that no engine has": (
        "protocols.toml",
        '{ type = "step"',
        '{ type = "vclamp"',
        ["Step1.stimuli", "vclamp", "'step'"],
    ),
    "a run of eleven days": (
        "protocols.toml",
        "duration_ms = 600",
        "duration_ms = 1e9",
        ["bAP", "duration_ms is 1000000000.0", "at most 1e+06 (1000 s)"],
    ),
    "targets without a feature": (
        "targets.toml",
        (REPOSITORY / "optimizations" / "l5pc" / "targets.toml").read_text(),
        "",
        ["targets.toml", "it names no feature"],
    ),
    "a recording at intervals, which CoreNEURON would leave empty": (
        "protocols.toml",
        'soma = "soma(0.5)"',
        'soma = { site = "soma(0.5)", interval_ms = 0.1 }',
        ["bAP.recordings.soma", "interval_ms"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_study(refused: Refused, tmp_path: Path, mistake: str) -> None:
    name, right, wrong, expected = MISTAKES[mistake]
    study = tmp_path / "study"
    shutil.copytree(REPOSITORY / "optimizations" / "l5pc", study)
    text = (study / name).read_text()
    assert right in text
    (study / name).write_text(text.replace(right, wrong, 1))

    said = refused("score", study, "--params", "release")
    assert "Traceback" not in said
    for words in [*expected, *([] if "morphology" in mistake else [name])]:
        assert words in said


def test_a_corrupt_swc(refused: Refused, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(REPOSITORY / "optimizations" / "l5pc", study)
    (study / "mine.swc").write_text("1 1 0 0 0 5 -1\n2 3 ten 0 0 1 1\n")
    text = (study / "cell.toml").read_text()
    (study / "cell.toml").write_text(text.replace('name = "C060114A7"', 'file = "mine.swc"'))
    said = refused("score", study, "--params", "release")
    assert "mine.swc" in said
    assert "Traceback" not in said


SIMULATE_SQUID = ["simulate", "hodgkin_huxley", "--params", "published", "--protocol", "pulse"]
SIMULATE_TRAUB = ["simulate", "traub_ca3", "--params", "published"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["score", "l5pcc"], ["l5pcc", "did you mean 'l5pc'"]),
        (["score", "l5pc", "--params", "relaese"], ["did you mean 'release'"]),
        (["score", "l5pc"], ["gImbar_Im.apical", "--params"]),
        (["score", "l5pc", "--params", "release", "--set", "gX=1"], ["gX"]),
        (["score", "l5pc", "--params", "release", "--dt", "0.1", "--order", "2"], ["0.05"]),
        (["score", "l5pc", "--params", "release", "--engine", "nest"], ["auto", "coreneuron"]),
        (
            ["export", "l5pc", "--params", "release", "--format", "genesis"],
            ["unknown format 'genesis'", "python", "sonata"],
        ),
        (["simulate", "l5pc", "--params", "release", "--protocol", "Step"], ["Step1"]),
        (
            ["simulate", "l5pc", "--params", "release", "--protocol", "Step1", "--with", "x=1"],
            ["amplitude_nA"],
        ),
        (["fit", "l5pc", "--algorithm", "ibae"], ["did you mean 'ibea'"]),
        (["fit", "l5pc", "--population", "0"], ["population"]),
        (["resume", "nowhere"], ["nowhere"]),
        (["mechanisms", "list", "hay"], ["hay_l5b"]),
        (
            ["score", "l5pc", "--params", "release", "--engine", "coreneuron", "--cvode", "1e-3"],
            ["CoreNEURON has no CVODE", "dt_ms"],
        ),
        (["score", "l5pc", "--params", "release", "--gpu"], ["engine = 'coreneuron'"]),
        (
            ["score", "l5pc", "--params", "release", "--adaptive", "0.01", "--dt", "0.025"],
            ["--dt and --adaptive exclude one another"],
        ),
        (
            ["score", "l5pc", "--params", "release", "--engine", "coreneuron", "--adaptive", "1"],
            ["CoreNEURON has no adaptive steps", "dt_ms"],
        ),
        (
            ["fit", "hodgkin_huxley", "--dt", "0.6", "--order", "1"],
            ["protocol pulse: a fixed step of 0.6 ms may miss the current of 0.5 ms from 10 ms"],
        ),
        (
            [*SIMULATE_SQUID, "--with", "width_ms=0.004"],
            ["protocol pulse: a fixed step of 0.01 ms may miss the current of 0.004 ms from 10 ms"],
        ),
        (
            [*SIMULATE_SQUID, "--with", "duration_ms=1e6"],
            [
                "duration_ms 1e+06 with a fixed step of 0.01 ms",
                "at most 1e+08 (0.8 GB)",
                "500000 ms",
            ],
        ),
        (["fit", "l5pc", "--adaptive", "0"], ["step_error_mV is 0", "above 0"]),
        (
            [*SIMULATE_TRAUB, "--protocol", "constant_current", "--adaptive", "0.01"],
            ["constant_current records soma.chi", "cvode_atol"],
        ),
    ],
)
def test_a_mistake_on_the_command_line(refused: Refused, args: list[str], words: list[str]) -> None:
    said = refused(*args)
    assert "Traceback" not in said
    for word in words:
        assert word in said


def test_what_a_fixed_step_makes_of_a_pulse_is_said_of_what_is_simulated(workbench: Run) -> None:
    given = ("--dt", "0.2", "--order", "1", "--with", "width_ms=0.3")
    said = " ".join(workbench(*SIMULATE_SQUID, *given).stderr.split())
    assert "note: protocol pulse: with a fixed step of 0.2 ms the current of 0.3 ms" in said
    assert "protocol step" not in said


def test_a_gpu_that_is_not_there(workbench: Run) -> None:
    """Whatever NEURON this is: the driver is told to show none."""
    asked = ["score", "l5pc", "--params", "release", "--engine", "coreneuron", "--gpu"]
    said = workbench(*asked, code=2, CUDA_VISIBLE_DEVICES="").stderr
    assert "gpu was asked for" in said
    assert "leave out --gpu" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("out", ["a file", "a file/run", "/proc/run"])
def test_a_run_folder_that_cannot_be_made(refused: Refused, tmp_path: Path, out: str) -> None:
    (tmp_path / "a file").write_text("mine")
    said = refused("fit", "hodgkin_huxley", "--out", out, "--workers", "1")
    assert f"no run can be begun in {out}" in said
    assert "--out names another folder" in said
    assert "Traceback" not in said
    assert (tmp_path / "a file").read_text() == "mine"


def test_a_place_that_nobody_foresaw(workbench: Run, tmp_path: Path) -> None:
    said = workbench(
        "export", "l5pc", "--params", "release", "--out", "/proc/nowhere", code=1
    ).stderr
    assert "/proc/nowhere" in said
    assert "Traceback" not in said


def test_a_mechanism_that_coreneuron_cannot_follow(refused: Refused, tmp_path: Path) -> None:
    """It would compile, and point to nothing."""
    study = tmp_path / "study"
    shutil.copytree(REPOSITORY / "optimizations" / "l5pc", study)
    (study / "mine").mkdir()
    (study / "mine" / "follower.mod").write_text(
        "NEURON { SUFFIX follower NONSPECIFIC_CURRENT i POINTER other }\n"
        "ASSIGNED { v (mV) i (mA/cm2) other (mA/cm2) }\n"
        "BREAKPOINT { i = other }\n"
    )
    text = (study / "cell.toml").read_text()
    assert 'folders = ["hay_l5b"]' in text
    (study / "cell.toml").write_text(text.replace('["hay_l5b"]', '["hay_l5b", "mine"]', 1))
    asked = ["score", study, "--params", "release", "--engine", "coreneuron"]
    said = refused(*asked)
    assert "follower.mod:1: POINTER other" in said
    assert "lint: accept" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "asked",
    [
        ["simulate", "--set", "g_pas.all=1e-4"],
        ["score", "--set", "g_pas.all=1e-4"],
        ["fit", "--workers", "1", "--out", "run"],
        ["calibrate"],
    ],
)
def test_a_pointer_that_nobody_sets(refused: Refused, tmp_path: Path, asked: list[str]) -> None:
    """Unguarded it is a segmentation fault, and a fit in which every worker died."""
    mod = (
        "NEURON { SUFFIX follower NONSPECIFIC_CURRENT i POINTER other }\n"
        "ASSIGNED { v (mV) i (mA/cm2) other (mA/cm2) }\n"
        "BREAKPOINT { i = other }\n"
    )
    verb, *others = asked
    study = small_study(tmp_path / "study", {"follower": mod}, insert='all = ["pas", "follower"]')
    said = refused(verb, study, *others)
    assert "follower.mod (mechanism follower) reads POINTER other (line 1)" in said
    assert "Traceback" not in said
    assert not (tmp_path / "run").exists()


def test_a_call_that_nmodl_does_not_have(workbench: Run, tmp_path: Path) -> None:
    """Nothing is compiled before somebody who saw the call says so."""
    mod = (
        "NEURON { SUFFIX odd NONSPECIFIC_CURRENT i }\n"
        "ASSIGNED { v (mV) i (mA/cm2) x }\n"
        'INITIAL { x = system("touch was_here") }\n'
        "BREAKPOINT { i = 0*v }\n"
    )
    study = small_study(tmp_path / "study", {"odd": mod}, insert='somatic = ["odd"]')
    cache = str(tmp_path / "cache")
    simulate = ["simulate", study, "--set", "g_pas.all=1e-4"]
    said = workbench(*simulate, code=2, WORKBENCH_CACHE=cache).stderr
    assert 'odd.mod:3:\n    system("touch was_here") calls what neither NMODL' in said
    assert f"workbench mechanisms build {study / 'mods'} --trust-mechanisms" in said
    assert "Traceback" not in said
    assert not (tmp_path / "cache" / "builds").exists()
    assert not list(tmp_path.rglob("was_here"))


@pytest.mark.parametrize(
    ("verb", "others"), [("simulate", ["--set", "g_pas.all=1e-4"]), ("fit", ["--out", "run"])]
)
def test_a_shape_that_no_simulation_can_be_right_of(
    workbench: Run, tmp_path: Path, verb: str, others: list[str]
) -> None:
    study = small_study(tmp_path / "study", {}, dendrite=True)
    cell = study / "cell.swc"
    cell.write_text(cell.read_text().replace("20 0 0 1 1", "20 0 0 0 1"))
    said = workbench(verb, study, *others, code=2).stderr
    assert "(cell.swc): cell.swc, line 4: dend[0] has a diameter of 0 um at point 0 of 2" in said
    assert not (tmp_path / "run").exists()
    checked = workbench("morphology", "check", cell, code=2)
    assert "error: cell.swc, line 4: dend[0] has a diameter of 0 um" in checked.stdout


def test_what_is_odd_about_a_shape_is_said_before_a_run(workbench: Run, tmp_path: Path) -> None:
    study = small_study(tmp_path / "study", {}, dendrite=True)
    cell = study / "cell.swc"
    cell.write_text(cell.read_text().replace("20 0 0 1 1", "90 0 0 1 1"))
    said = workbench("simulate", study, "--set", "g_pas.all=1e-4").stderr
    assert "note: morphology cell: cell.swc, line 4: dend[0] was drawn 70.0 um away" in said
