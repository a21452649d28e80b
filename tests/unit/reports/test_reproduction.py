"""The page of published numbers: whole, self-contained, and true to the entries."""

import json
import math

import pytest

from tests.unit.reports.test_page import HOSTILE, Reader, assert_nothing_foreign, sections
from workbench.reports import number_of, render_reproduction, reproduction_figure

words_only = pytest.mark.usefixtures("without_figures")


def entry(name="peak (mV)", study="patch", expected=(40.0,), found=(40.01,), **more):
    """Return an entry as `workbench reproduce --json` prints it, allowed 0.05 a value."""
    tolerance = more.pop("tolerance", [0.05] * len(expected))
    pairs = list(zip(found, expected, strict=False))
    fits = len(found) == len(expected)
    holds = fits and all(abs(f - e) <= t for (f, e), t in zip(pairs, tolerance, strict=True))
    return {
        "study": study,
        "name": name,
        "source": "the paper",
        "integrator": "NEURON, CVODE atol 1e-06",
        "expected": list(expected),
        "tolerance": tolerance,
        "at_least": False,
        "any_of": [],
        "found": list(found),
        "difference": [f - e for f, e in pairs],
        "reason": "",
        "refused": False,
        "holds": holds,
        **more,
    }


def page(tmp_path, *entries):
    path = render_reproduction(entries, tmp_path / "numbers.html")
    assert path == tmp_path / "numbers.html"
    found = Reader(path.read_text(encoding="utf-8"))
    assert_nothing_foreign(found)
    return found


@pytest.fixture
def without_figures(monkeypatch):
    """Leave the figures out where a test is about the words: drawing takes longest."""
    empty = "data:image/svg+xml;base64,PHN2Zy8+"
    monkeypatch.setattr(reproduction_figure, "difference_bars", lambda _: empty)


@words_only
def test_a_number_stands_beside_ours(tmp_path):
    found = page(tmp_path, entry(), entry("rest (mV)", "cell", (-65,), (-65.2,)))
    assert "1 of 2 published numbers hold." in found.text
    for text in ("peak (mV)", "40.01", "+0.01", "0.05", "the paper; ours with NEURON, CVODE"):
        assert text in found.text
    assert "cell: rest (mV)" in found.text.partition("What was missed")[2]
    assert len(sections(found)) == 2
    tiles = [a for tag, a in found.tags if a.get("class") == "tile"]
    assert len(tiles) == 2


@words_only
def test_a_page_on_which_all_holds_misses_nothing(tmp_path):
    found = page(tmp_path, entry())
    assert "1 of 1 published numbers hold." in found.text
    assert "What was missed" not in found.text
    assert "missed" not in found.text


@words_only
def test_every_value_of_a_list_has_its_line(tmp_path):
    found = page(tmp_path, entry(expected=(11.5, 20.25, 31.125), found=(11.5, 20.3, 31.125)))
    for text in ("11.5", "20.25", "31.125", "+0.05"):
        assert text in found.text
    cells = [tag for tag, a in found.tags if a.get("class") == "nowrap"]
    assert len(cells) == 4  # published, ours, difference, allowed
    assert [tag for tag, _ in found.tags].count("br") == 4 * 2


@words_only
def test_converged_numbers_have_a_column_where_they_were_asked_for(tmp_path):
    assert "Converged" not in page(tmp_path, entry()).text
    # A number that does not settle has none.
    found = page(
        tmp_path,
        entry(converged=[39.875], missed_at_cvode_atol=[]),
        entry("other", converged=[], missed_at_cvode_atol=[1e-5, 1e-7]),
    )
    assert "Converged" in found.text
    assert "not at 1e-05, 1e-07" in found.text
    assert "39.875" in found.text
    assert "moves" in found.text


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"found": (), "reason": "there is no spike"}, "there is no spike"),
        ({"expected": (1, 2, 3), "found": (1, 2)}, "2 instead of 3 values"),
        ({"expected": (1,), "found": (1, 2)}, "2 instead of 1 values"),
    ],
)
def test_a_number_that_cannot_be_compared_says_why(tmp_path, odd, why):
    given = entry(**odd)
    assert number_of(given).complaint == why
    assert number_of(given).worst is None
    found = page(tmp_path, given)
    assert "0 of 1 published numbers hold." in found.text
    assert found.text.count(why) == 2  # above, and in the table


def test_the_worst_value_is_the_farthest_in_units_of_its_tolerance():
    number = number_of(entry(expected=(10, 1000), found=(10.04, 1001), tolerance=[0.02, 5.0]))
    assert number.worst == 0
    assert number.distances == pytest.approx((2.0, 0.2))


def test_a_count_is_met_or_infinitely_far():
    exact = number_of(entry(expected=(7,), found=(7,), tolerance=[0.0]))
    off = number_of(entry(expected=(7,), found=(6,), tolerance=[0.0]))
    assert exact.distances == (0.0,)
    assert off.distances == (-math.inf,)


@pytest.mark.parametrize("found", [39.0, 41.0, 40.0, 1e9, -1e9])
@pytest.mark.parametrize("allowed", [0.0, 0.05])
def test_a_number_however_far_can_be_drawn(tmp_path, found, allowed):
    given = entry(found=(found,), tolerance=[allowed])
    assert len(sections(page(tmp_path, given, entry()))) == 1


@pytest.mark.parametrize("text", [HOSTILE, r"$\frac{$", "_漢字", "</style><b>", "{{ 7 * 7 }}"])
def test_no_name_becomes_markup(tmp_path, text):
    given = entry(text, text, found=(), source=text, integrator=text, reason=text)
    found = page(tmp_path, given, entry())
    assert found.text.count(text) >= 8
    assert [tag for tag, _ in found.tags].count("b") == 2  # a tile each


def test_what_the_command_prints_as_json_gives_the_same_bytes(tmp_path):
    entries = [entry(), entry("spikes", expected=(7,), found=(6,), tolerance=(0.0,))]
    first = render_reproduction(entries, tmp_path / "a.html").read_bytes()
    printed = json.loads(json.dumps(entries))
    assert render_reproduction(printed, tmp_path / "b.html").read_bytes() == first
    assert {path.name for path in tmp_path.iterdir()} == {"a.html", "b.html"}


def test_a_lower_bound_is_shown_as_one_and_more_is_no_difference(tmp_path):
    given = entry("bursts", expected=(22,), found=(23,), tolerance=[0.0], at_least=True, holds=True)
    assert number_of(given).distances == (0.0,)
    assert "22 or more" in page(tmp_path, given).text
    assert number_of({**given, "difference": [-1.0]}).distances == (-math.inf,)


def test_of_several_numbers_all_are_shown(tmp_path):
    given = entry("spikes", expected=(88,), found=(88,), tolerance=[0.0], any_of=[88, 107, 108])
    assert "88 or 107 or 108" in page(tmp_path, given).text
