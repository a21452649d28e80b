"""The cells of van Elburg & van Ooyen 2010: shapes, cables, and what some of them do.

The numbers stand in expected.toml, with their source; `workbench reproduce` compares all of them.
"""

from dataclasses import replace

from workbench.experiments import compared, do, prepare, table
from workbench.studies import load_expected_rows
from workbench.workers import ProcessWorkers

EXPERIMENT = "van_elburg"

SHAPE = ("morphology.", "cell.")


def done(experiment, conditions):
    asked = replace(experiment, conditions=tuple(conditions))
    with ProcessWorkers(2) as pool:
        return table(asked, do(asked, pool, made_with=prepare(asked)))


def test_shapes_and_cables(named):
    """Areas, mean paths and conductances: runs of 1 ms leave them as they are."""
    short = [
        replace(
            one,
            job=replace(one.job, protocol=replace(one.job.protocol, duration_ms=1.0)),
            measures=tuple(m for m in one.measures if getattr(m, "column", "").startswith(SHAPE)),
        )
        for one in named.experiment.conditions
    ]
    rows = done(named.experiment, short)
    expected = [one for one in load_expected_rows(named.folder) if one.column.startswith(SHAPE)]
    assert len(expected) == 32
    missed = [str(one) for one in compared(expected, rows, {}) if not one.holds]
    assert not missed, missed


def test_trees_that_burst_and_do_not(named):
    """Trees 1, 10 and 13 at 1750 um: they differ in topology alone."""
    chosen = [
        one
        for one in named.experiment.conditions
        if one.levels["morphology.length_um"] == 1750
        and one.levels["morphology.number"] in (1, 10, 13)
    ]
    rows = done(named.experiment, chosen)
    bursts = {row["morphology.number"]: row["soma.v.burst_b2"] > 0.3 for row in rows}
    assert bursts == {1: True, 10: False, 13: True}
