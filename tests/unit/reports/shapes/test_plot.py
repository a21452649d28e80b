"""One door: axes that are taken, files that are written, words that are refused."""

import dataclasses
import json
import re

import matplotlib as mpl
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import workbench as wb
from tests.unit.reports.shapes.cells import SMALL, passive
from workbench.cells import electrotonic
from workbench.errors import InputError
from workbench.reports.shapes import KINDS, Look, Page, plot_cell

AXED = [kind for kind in KINDS if kind != "3d"]


@pytest.fixture(autouse=True)
def nothing_is_shown(monkeypatch):
    monkeypatch.setattr(pyplot, "show", lambda *_, **__: pytest.fail("plt.show() was called"))
    yield
    pyplot.close("all")


@pytest.mark.parametrize("kind", AXED)
def test_axes_are_taken_and_returned_with_the_style_of_their_owner(kind):
    with mpl.rc_context({"font.size": 13.0, "axes.titlesize": 13.0}):
        given = Figure(figsize=(5, 5)).subplots()
        assert wb.plot(passive(), kind, ax=given) is given
        assert given.title.get_fontsize() == 13.0
        assert given.figure.get_size_inches().tolist() == [5, 5]
        assert mpl.rcParams["font.size"] == 13.0
    assert given.get_title().startswith("small")


@pytest.mark.parametrize("kind", AXED)
def test_a_figure_of_its_own_is_one_column_wide_and_a_notebook_shows_it(kind):
    axes = wb.plot(passive(), kind)
    assert pyplot.get_fignums() == [axes.figure.number]
    assert axes.figure.get_size_inches()[0] == 3.5
    assert 1 < axes.figure.get_size_inches()[1] <= 6
    texts = [axes.title, axes.xaxis.label, *axes.get_xticklabels(), *axes.texts]
    assert min(text.get_fontsize() for text in texts) >= 7


@pytest.mark.parametrize(
    ("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_files_are_written_and_leave_no_figure_behind(tmp_path, ending, begins):
    file = tmp_path / f"cell.{ending}"
    wb.plot(SMALL, colour="order", out=file)
    assert file.read_bytes().startswith(begins)
    assert not pyplot.get_fignums()


def test_the_same_figure_is_the_same_file(tmp_path):
    files = [tmp_path / name for name in ("a.svg", "b.svg")]
    for file in files:
        wb.plot(SMALL, out=file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_cell_a_name_and_cable_measures_are_drawn_alike():
    cell = wb.load_cell("hodgkin_huxley", params="published")
    ax = Figure().subplots()
    assert wb.plot(cell, colour="gnabar_hh", ax=ax).figure.axes[1].get_ylabel() == (
        "gnabar_hh (S/cm2)"
    )
    assert wb.plot("traub_ca3", ax=Figure().subplots()).get_title() == "traub_ca3"
    cable = electrotonic(passive())
    axes = wb.plot(cable, colour="input_MOhm", ax=Figure().subplots())
    assert axes.figure.axes[1].get_ylabel() == "input impedance (MOhm)"


def data(page):
    [found] = re.findall(r'<script id="data" type="application/json">(.*?)</script>', page.html)
    return json.loads(found)


def test_a_page_holds_every_point_and_asks_nothing_of_anybody(tmp_path):
    page = wb.plot(SMALL, "3d", colour="distance_um", out=tmp_path / "cell.html")
    assert isinstance(page, Page)
    assert (tmp_path / "cell.html").read_text() == page.html
    assert not re.search(r"https?:|src=|href=|@import|url\(", page.html)
    held = data(page)
    assert [one["name"] for one in held["sections"]] == list(SMALL.names)
    stem = held["sections"][2]
    points = [stem["points"][at : at + 4] for at in range(0, len(stem["points"]), 4)]
    assert points[0] == [0, 10, 0, 4]
    assert points[-1] == [0, 110, 0, 2]
    assert len(points) == 12  # 10 pieces, and the point in the middle, on which two of them meet
    assert stem["values"][0] == 15
    assert held["scale"]["label"] == "path distance from the soma (um)"
    assert (held["scale"]["low"], len(held["scale"]["colours"])) == (5, 128)
    assert f"{page!r}" == f"<Page small: {len(page.html) / 1000:.0f} kB of HTML>"


def test_a_page_without_values_has_no_bar_and_a_name_cannot_end_the_script():
    odd = dataclasses.replace(SMALL, name="</script><b>&")
    page = wb.plot(odd, "3d")
    held = data(page)
    assert held["scale"] is None
    assert held["name"] == odd.name
    assert page.html.count("</script>") == 2
    assert "<title>&lt;/script&gt;&lt;b&gt;&amp;</title>" in page.html
    frame = page._repr_html_()
    assert frame.startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert frame.count('"') == 4


def test_what_has_no_value_is_null_on_a_page():
    held = data(wb.plot(SMALL, "3d", colour={"apic[0]": 2.0}))
    assert held["sections"][0]["values"] == [None]
    assert set(held["sections"][2]["values"]) == {2.0}


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({"kind": "project"}, "unknown kind 'project'; did you mean 'projection'"),
        ({"plane": "yx"}, "unknown plane 'yx'"),
        ({"along": "length"}, "unknown along 'length'.*Allowed: area, electrotonic, path"),
        ({"direction": "inwards"}, "unknown direction 'inwards'"),
        ({"gates": "open"}, "unknown gates 'open'"),
        ({"limits": (1, 0)}, r"limits is \(1, 0\); the first must be below"),
        ({"limits": 3}, "limits is 3; give two numbers"),
        ({"limits": (0, "x")}, "limits is 'x', it must be a finite number"),
        ({"step_um": 0}, "step_um is 0, it must be above 0"),
        ({"frequency_Hz": -1}, "frequency_Hz is -1"),
        ({"kind": "sholl", "colour": "order"}, "leave colour out"),
    ],
)
def test_words_that_are_none(look, said):
    with pytest.raises(InputError, match=said):
        Look(**look)


@pytest.mark.parametrize(
    ("kind", "out", "said"),
    [
        ("projection", "cell.gif", "unknown figure format '.gif'.*Allowed: .pdf, .png, .svg"),
        ("3d", "cell.png", "unknown figure format '.png'.*Allowed: .html"),
        ("projection", "no/such/folder/cell.png", "cannot be written; name a file in a folder"),
        ("projection", "a\0b.png", "cannot be written"),
        ("projection", "/dev/null/cell.png", "cannot be written"),
    ],
)
def test_files_that_cannot_be(kind, out, said):
    with pytest.raises(InputError, match=said):
        wb.plot(SMALL, kind, out=out)


def test_a_site_that_is_none_and_a_page_on_axes():
    with pytest.raises(InputError, match="is not a site"):
        plot_cell(passive(), Look("electrotonic", site="nowhere"), ax=Figure().subplots())
    with pytest.raises(InputError, match="leave ax out"):
        wb.plot(SMALL, "3d", ax=Figure().subplots())
