"""What `sensitivity` says of published cells: signs by two steps, and what is known of them."""

import json

from tests.system.command import Run


def slopes(workbench: Run, *words: object) -> dict[tuple[str, str], tuple[float, bool]]:
    said = json.loads(workbench("sensitivity", *words, "--workers", 2, "--json").stdout)
    return {
        (row["feature"], row["parameter"]): (row["slope_SD"], row["sure"]) for row in said["rows"]
    }


def test_signs_of_traub_are_those_of_another_step(workbench: Run) -> None:
    """Of steps that share no simulation: 1 % and 0.5 % here, 3 % and 1.5 % there."""
    study = ("traub_ca3", "--params", "published")
    fine = slopes(workbench, *study)
    coarse = slopes(workbench, *study, "--step", 0.03)
    sure = [key for key in fine if fine[key][1] and coarse[key][1]]
    assert len(sure) > 0.75 * len(fine)
    assert all((fine[key][0] > 0) == (coarse[key][0] > 0) for key in sure if fine[key][0])
    first = fine["weak_current.soma.first_spike", "gbar_naf_tr.all"]
    assert first[0] < 0  # more sodium, an earlier spike
    assert first[1]


def test_more_potassium_makes_more_of_a_squids_axon_potassium_like(workbench: Run) -> None:
    """The highest voltage follows gNa upward and gK downward: each draws to its own potential."""
    found = slopes(workbench, "hodgkin_huxley", "--params", "published")
    assert found["pulse.soma.maximum", "gnabar_hh.all"][0] > 0
    assert found["pulse.soma.maximum", "gkbar_hh.all"][0] < 0
