"""Cells drawn by hoc code, compared with what NEURON itself makes of the same file."""

import hashlib
import json
import math
import subprocess
import sys
from codecs import BOM_UTF8
from importlib.metadata import files

import pytest

from tests.archive import serving
from tests.cells import known_cell
from workbench.errors import MorphologyError
from workbench.morphology import fetch, load_morphology
from workbench.morphology.catalogue import entries
from workbench.morphology.catalogue.entries import CatalogueEntry, KnownFile, WebSource
from workbench.morphology.readers import hoc

CELL = """\
proc celldef() {
  topol()
  geom()
}
create soma, dend[9], axon, apic[2]

func before() { return $1 - 1 }
proc topol() { local i
  connect dend(0), soma(0.5)
  for i = 1, 2 connect dend[i](0), dend(1)
  for (i = 3; i < 7; i += 1) {
    if (i % 2) { connect dend[i](0), dend[before(i)](1) } else { connect dend[i](0), dend[2](0.5) }
  }
  connect dend[7](0), soma(0)
  connect dend[8](0), dend[7](1)
  connect axon(0), soma(0)
  for i = 0, 1 { if (i == 0) { connect apic(0), soma(1) } else { connect apic[1](0), apic[0](1) } }
  basic_shape()
}
proc shape3d_1() { local i
  soma { pt3dclear()
    pt3dadd(-1, 0.735988, 0, 1.93525)
    for i = 0, 18 pt3dadd(-1.5 - 0.3*i, 1.4 + 0.69*i, 0, 10 + 2*sin(i/6))
  }
  for i = 0, 5 dend[i] { pt3dclear()
    pt3dstyle(1, -4, 6, 0)
    pt3dadd(i, -20, 4.3, 0.74)
    pt3dadd(i + 1, -28.1, 4.3, 0.74)
  }
}
proc shape3d_2() { local i
  // A procedure of hoc has a largest size: the points of a section may go on in the next one.
  for i = 0, 5 dend[i] {
    pt3dadd(i + 2, -30, 5, 0.74)
    pt3dadd(i + 2, -30, 5, 0.54)
    pt3dadd(9, -99, 9, 0.2)
  }
  dend[6] { pt3dclear() pt3dadd(0, 0, 0, 2) pt3dadd(0, 0, 50, 1) L = 40 }
  dend[7] { pt3dclear() pt3dadd(0, 0, 0, 2) pt3dadd(0, 0, 50, 1) diam = 1.25 }
  apic[0] { nseg = 7 pt3dclear() pt3dadd(0, 10, 0, 3) pt3dadd(0, 80, 0, 2) pt3dadd(0, 200, 9, 1) }
  apic[1] { pt3dclear() pt3dadd(0, 200, 9, 1) pt3dadd(0, 300, 0, 0.5) }
}
proc basic_shape() { shape3d_1() shape3d_2() }
proc geom() { dend[8] { L = 100 nseg = 3 diam = 1.5 } axon { L = 30 diam = 1 } }
access soma
celldef()
"""

PLAIN_NEURON = """
import json, sys
from neuron import h
h.xopen(sys.argv[1])
h.distance(0, next(iter(h.allsec()))(0.5))
found = {}
for section in h.allsec():
    area = sum(segment.area() for segment in section)
    parent = section.parentseg()
    found[section.name()] = {
        "parent": parent and [parent.sec.name(), parent.x], "length": section.L, "area": area,
        "points": section.n3d(), "end": h.distance(section(1)),
    }
json.dump(found, open(sys.argv[2], "w"))
"""


def neurons_own(file, folder):
    """Return what plain NEURON makes of a file, by section."""
    out = folder / "found.json"
    command = [sys.executable, "-c", PLAIN_NEURON, str(file), str(out)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return json.loads(out.read_text())


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))


def written(folder, text, name="cell.hoc"):
    file = folder / name
    file.write_text(text)
    return file


def array(name):
    return name if "[" in name else f"{name}[0]"


def test_loops_and_procedures_draw_the_cell_of_neuron(tmp_path):
    file = written(tmp_path, CELL)
    cell, theirs = load_morphology(file, trust_hoc=True), neurons_own(file, tmp_path)
    assert set(cell.names) == {array(name) for name in theirs}
    assert (len(cell), cell.names[0]) == (13, "soma[0]")
    assert_same(cell, theirs, {name: array(name) for name in theirs})
    assert cell.notes == ()
    assert cell.source == "cell.hoc"


def assert_same(cell, theirs, called):
    """Compare each section with NEURON's; `called` gives the name here for each name there."""
    for name, one in theirs.items():
        index = cell.index(called[name])
        section = cell.sections[index]
        parent = one["parent"] and [called[one["parent"][0]], one["parent"][1]]
        mine = [cell.names[section.parent], section.parent_x] if section.parent >= 0 else None
        assert mine == parent, name
        assert section.length_um == pytest.approx(one["length"], rel=1e-12)
        assert section.area_um2 == pytest.approx(one["area"], rel=1e-9)
        assert section.is_cylinder == (one["points"] == 0)
        assert one["points"] in (0, len(section.points))
        assert cell.path_distance_um(index, 1.0) == pytest.approx(one["end"], rel=1e-12)


def test_a_reconstruction_of_1992_that_comes_with_neuron(tmp_path):
    """Its header tells of 79 sections; their names, dendrite_1[0] and so on, are given anew."""
    [shipped] = [file for file in files("neuron") if file.name == "pyramid.nrn"]
    file = written(tmp_path, shipped.locate().read_text())
    cell, theirs = load_morphology(file, trust_hoc=True), neurons_own(file, tmp_path)
    assert len(cell) == len(theirs) == 79
    dendrites = [name for name in theirs if name != "soma"]
    called = {"soma": "soma[0]", **{name: f"dend[{i}]" for i, name in enumerate(dendrites)}}
    assert_same(cell, theirs, called)
    assert any("dend[0] for dendrite_1[0]" in note for note in cell.notes)


def test_closed_forms(tmp_path):
    """A cylinder, a frustum, and a chain of 3-d points."""
    cell = load_morphology(written(tmp_path, CELL), trust_hoc=True)
    dend8, apic1 = cell.sections[cell.index("dend[8]")], cell.sections[cell.index("apic[1]")]
    assert dend8.area_um2 == pytest.approx(math.pi * 1.5 * 100)
    assert cell.sections[cell.index("dend[6]")].length_um == 40
    length = math.hypot(100, 9)
    assert apic1.length_um == pytest.approx(length)
    assert apic1.area_um2 == pytest.approx(math.pi * 0.75 * math.hypot(length, 0.25))


TURNED = """\
create dend[3], soma
soma { pt3dadd(0, 0, 0, 10) pt3dadd(0, 0, 20, 10) }
dend[0] { pt3dadd(0, 0, 80, 1) pt3dadd(0, 0, 20, 3) }
dend[1] { pt3dadd(0, 0, 80, 1) pt3dadd(0, 0, 99, 2) }
dend[2] { pt3dadd(0, 0, 50, 2) pt3dadd(0, 9, 50, 1) }
connect dend[0](1), soma(1)
connect dend[1](0), dend[0](0)
connect dend[2](0), dend[0](0.25)
"""


def test_a_section_that_hangs_by_its_far_end_is_turned(tmp_path):
    """And the soma, created last, is the root: distances and names are those of NEURON."""
    file = written(tmp_path, TURNED)
    cell, theirs = load_morphology(file, trust_hoc=True), neurons_own(file, tmp_path)
    assert cell.names == ("soma[0]", "dend[0]", "dend[1]", "dend[2]")
    assert [section.parent for section in cell.sections] == [-1, 0, 1, 1]
    assert [section.parent_x for section in cell.sections] == [0, 1, 1, 0.75]
    assert cell.sections[1].points[0].tolist() == [0, 0, 20, 3]
    root = 10.0
    assert cell.path_distance_um("dend[2]", 1.0) == root + 0.75 * 60 + 9
    assert float(cell.path_distance_um("dend[1]", 1.0)) == root + 60 + 19
    assert cell.area_um2() == pytest.approx(sum(one["area"] for one in theirs.values()))
    assert any("turned" in note and "dend[0]" in note for note in cell.notes)


STRANGE = """\
create cell_body, trunk[2], spine
cell_body { L = 20 diam = 20 }
connect trunk[0](0), cell_body(1)
connect trunk[1](0), trunk[0](1)
connect spine(0), trunk[1](0.5)
"""


def test_a_study_says_what_names_of_ones_own_are(tmp_path):
    """What the file drew is remembered before anybody says what its sections are."""
    file = written(tmp_path, STRANGE)
    with pytest.raises(MorphologyError, match="cell_body, trunk, spine are of no known region"):
        load_morphology(file, trust_hoc=True)
    kinds = {"cell_body": "somatic", "trunk": "apical", "spine": "parent"}
    cell = load_morphology(file, kinds=kinds)
    assert cell.names == ("soma[0]", "apic[0]", "apic[1]", "apic[2]")
    with pytest.raises(MorphologyError, match="cell_body is the root and has no parent"):
        load_morphology(file, kinds={**kinds, "cell_body": "parent"})
    with pytest.raises(MorphologyError, match="kinds: unknown section 'spin'; did you mean"):
        load_morphology(file, kinds={**kinds, "spin": "basal"})
    with pytest.raises(MorphologyError, match="kinds: spine: unknown region 'bas'"):
        load_morphology(file, kinds={**kinds, "spine": "bas"})


TEMPLATE = """\
begintemplate Cell
public soma, dendrite
create soma, dendrite[2]
proc init() { local i
  soma { L = 20 diam = 20 }
  for i = 0, 1 { connect dendrite[i](0), soma(1) dendrite[i] { L = 100 diam = 2 } }
}
endtemplate Cell
"""


def test_a_template_is_a_cell_once_it_is_made(tmp_path):
    made = TEMPLATE + "objref cell\ncell = new Cell()\n"
    cell = load_morphology(written(tmp_path, made), trust_hoc=True)
    assert cell.names == ("soma[0]", "dend[0]", "dend[1]")
    assert cell.area_um2() == pytest.approx(math.pi * (400 + 400))
    assert any("dend[0]" in note for note in cell.notes)
    with pytest.raises(MorphologyError, match=r"makes no section; .* template"):
        load_morphology(written(tmp_path, TEMPLATE), trust_hoc=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("create soma\nsoma { pt3dadd(1, 2, 3 }\n", r"cell\.hoc:2: NEURON says: syntax error"),
        ("create soma\n\nsoma L = 1/0\n", r"cell\.hoc:3: NEURON says: division by zero"),
        ("create soma\nsoma insert nosuch\n", r"cell\.hoc:2: NEURON says: .*nosuch"),
        ('create soma\nload_file("shape.hoc")\n', r"cell\.hoc:2: it loads shape\.hoc, which is no"),
        ("create soma, axon\n", "draws 2 trees, with the roots soma, axon"),
        ("create soma, x\nconnect x(0), soma(1)\n", "x are of no known region; .*kinds = {x = "),
        ("create soma, axon\nconnect soma(0), axon(1)\n", "grows from axon; a cell needs its soma"),
        ("create soma\nsoma { nseg = 3 diam(0:1) = 2:4 }\n", r"soma: its diameter varies from"),
        ("a = 1\n", "makes no section"),
        ("create soma\nquit()\n", "did not come to the file's end"),
    ],
)  # fmt: skip
def test_what_is_no_cell_is_refused(tmp_path, text, said):
    with pytest.raises(MorphologyError, match=said):
        load_morphology(written(tmp_path, text), trust_hoc=True)


@pytest.mark.parametrize("never", ["while (1) {}", 'system("sleep 300")'])
def test_what_never_ends_is_ended(tmp_path, monkeypatch, never):
    monkeypatch.setattr(hoc, "LIMIT_s", 4.0)
    with pytest.raises(MorphologyError, match=r"no answer within 4 s"):
        load_morphology(written(tmp_path, f"create soma\n{never}\n"), trust_hoc=True)


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_texts_of_other_systems(tmp_path, ends):
    file = tmp_path / "cell.hoc"
    file.write_bytes(BOM_UTF8 + CELL.replace("\n", ends).encode())
    assert len(load_morphology(file, trust_hoc=True)) == 13


def test_it_runs_in_an_empty_folder(tmp_path, monkeypatch):
    """What a file writes, prints or changes stays there."""
    monkeypatch.chdir(tmp_path)
    text = 'create soma\nwopen("x.txt")\nfprint("hi")\nwopen()\nprint "said"\nchdir("..")\n'
    cell = load_morphology(written(tmp_path, text + "soma { L = 20 diam = 20 }\n"), trust_hoc=True)
    assert cell.area_um2() == pytest.approx(math.pi * 400)
    assert {path.name for path in tmp_path.iterdir()} == {"cell.hoc", "cache"}


def test_only_what_is_known_or_trusted_runs(tmp_path, monkeypatch):
    """What a trusted file drew is remembered by its text; a damaged memory is no cell."""
    done = tmp_path / "done"
    text = f'create soma\nsoma {{ L = 20 diam = 20 }}\nsystem("touch {done}")\n'
    file = written(tmp_path, text)
    with pytest.raises(MorphologyError, match="--trust-hoc") as caught:
        load_morphology(file)
    assert str(file) in str(caught.value)
    assert not done.exists()
    cell = load_morphology(file, trust_hoc=True)
    done.unlink()
    assert load_morphology(file) == cell
    assert not done.exists(), "it was run again"
    [kept] = (tmp_path / "cache" / "hoc").iterdir()
    damaged = kept.read_text().replace("20.0", "21.0")
    kept.write_text(damaged)
    with pytest.raises(MorphologyError, match="--trust-hoc"):
        load_morphology(file)
    file.write_text(text + "\n")
    with pytest.raises(MorphologyError, match="--trust-hoc"):
        load_morphology(file)


def test_what_the_catalogue_knows_is_trusted(tmp_path, monkeypatch):
    """By its checksum alone, wherever it lies, with the line ends of any system."""
    known = KnownFile("known.hoc", hashlib.sha256(CELL.encode()).hexdigest())
    entry = CatalogueEntry("a", "a cell", "nobody", "none", (known,))
    monkeypatch.setattr(entries, "known_cells", lambda: (entry,))
    monkeypatch.setenv("WORKBENCH_MORPHOLOGIES", str(tmp_path))
    file = written(tmp_path, CELL.replace("\n", "\r\n"), "known.hoc")
    by_name = load_morphology("a")
    assert by_name == load_morphology(file) == load_morphology(written(tmp_path, CELL))
    assert len(by_name) == 13
    with pytest.raises(MorphologyError, match="--trust-hoc"):
        load_morphology(written(tmp_path, CELL + " "))


def test_a_cell_is_fetched_and_run_by_its_name(tmp_path, monkeypatch):
    """As somebody does who types `workbench fit halnes_in --yes` on a new machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("WORKBENCH_MORPHOLOGIES", raising=False)
    with serving() as archive:
        archive.pages["/cell.hoc"] = CELL.replace("\n", "\r\n").encode()
        source = WebSource(
            "An archive", "https://example.org", "cell.hoc", archive.url("/cell.hoc")
        )
        known = KnownFile("known.hoc", hashlib.sha256(CELL.encode()).hexdigest(), (source,))
        entry = CatalogueEntry("a", "a cell", "nobody", "none", (known,))
        monkeypatch.setattr(entries, "known_cells", lambda: (entry,))
        fetch("a")
    assert len(load_morphology("a")) == 13
    assert (tmp_path / "cache" / "morphologies" / "known.hoc").read_text() == CELL


def as_hoc(cell):
    """Write a cell as hoc, each section with its points in a procedure of its own."""
    counts = {name.partition("[")[0]: 0 for name in cell.names}
    for name in cell.names:
        counts[name.partition("[")[0]] += 1
    arrays = ", ".join(f"{array}[{count}]" for array, count in counts.items())
    lines = [f"create {arrays}"]
    for index, (name, section) in enumerate(zip(cell.names, cell.sections, strict=True)):
        points = [f"pt3dadd({', '.join(f'{x:.9g}' for x in point)})" for point in section.points]
        connect = f"connect {name}(0), {cell.names[section.parent]}({section.parent_x})"
        lines += [f"proc draw_{index}() {{", f"{name} {{ pt3dclear()", *points, "}"]
        lines += [connect] * (index > 0) + ["}", f"draw_{index}()"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", ["C060114A7", "halnes_in_091008A2"])
def test_a_real_cell_is_the_same_from_hoc(tmp_path, name):
    """Point by point: the interneuron's fact sheet has 106 sections, 5771.13 um, 9863.57 um2."""
    cell = load_morphology(known_cell(name))
    drawn = load_morphology(written(tmp_path, as_hoc(cell)), trust_hoc=True)
    assert drawn == cell
    assert drawn.names == cell.names


def test_a_soma_model_is_not_for_hoc(tmp_path):
    with pytest.raises(MorphologyError, match="draws the soma itself"):
        load_morphology(written(tmp_path, CELL), soma="sphere", trust_hoc=True)
