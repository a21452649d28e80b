"""Excitation and inhibition in pairs: one number a pair, whatever their strengths."""

from workbench.experiments import compared
from workbench.studies import load_expected_rows

EXPERIMENT = "pairwise_summation"


def test_every_number_that_was_computed_elsewhere(named, tables):
    found = compared(load_expected_rows(named.folder), [], tables)
    assert len(found) == 16
    missed = [str(one) for one in found if not one.holds]
    assert not missed, missed


def test_both_are_less_than_their_sum_wherever_they_are(rows):
    """A conductance makes the driving force of another one smaller and shunts its current."""
    for row in rows:
        first, second, both = (
            row[f"responses:{kind}"] for kind in ("excitation", "inhibition", "both")
        )
        sign = -1 if row["protocol"] == "clamped" else 1
        assert sign * first > 0 > sign * second
        assert sign * both < sign * (first + second)


def test_excitation_alone_knows_nothing_of_inhibition(rows):
    """It comes 250 ms before anything else: its response depends on its own strength alone."""
    for name in ("trunk_150", "clamped"):
        own = [row for row in rows if row["protocol"] == name]
        by_strength = {}
        for row in own:
            strength = row[f"{name}.excitation_uS"]
            by_strength.setdefault(strength, set()).add(row["responses:excitation"])
        assert all(len(found) == 1 for found in by_strength.values())


def test_more_is_missing_the_more_of_the_way_both_share(tables):
    k = {one["pair"]: one["k"] for one in tables["pairs"]}
    shared = ("same_place", "outer_inner", "inner_middle", "other_oblique", "basal_oblique")
    assert sorted(shared, key=k.__getitem__, reverse=True) == list(shared)
