"""`workbench morphology edit`: edits in their order, from a file to a file."""

import json

from workbench.morphology import edit_morphology, load_morphology

SWC = """1 1 0 0 0 8 -1
2 3 0 8 0 1 1
3 3 0 60 0 0.8 2
4 3 20 100 0 0.6 3
5 3 -20 100 0 0.6 3
6 4 0 -8 0 1 1
7 4 0 -90 0 1 6
"""


def test_edits_are_done_in_their_order(workbench, tmp_path):
    (tmp_path / "cell.swc").write_text(SWC)
    edits = ["scale-lengths basal=2", "prune-distance all=100", "remove-subtree apic[0]"]
    options = [word for text in edits for word in f"--{text}".split(" ")]
    done = workbench("morphology", "edit", "cell.swc", *options, "--out", "new.swc")
    assert done.returncode == 0, done.stderr
    assert "scale-lengths region=basal,factor=2.0" in done.stdout
    new = load_morphology(tmp_path / "new.swc")
    expected = edit_morphology(load_morphology(tmp_path / "cell.swc"), *edits)
    assert new == expected
    other = workbench(
        "morphology", "edit", "cell.swc", "--out=other.swc", f"--{edits[1].replace(' ', '=', 1)}",
        *f"--{edits[0]}".split(" "),
    )  # fmt: skip
    assert other.returncode == 0, other.stderr
    assert load_morphology(tmp_path / "other.swc") != expected


def test_mistakes_are_told(workbench, tmp_path):
    (tmp_path / "cell.swc").write_text(SWC)

    def refused(*words):
        done = workbench("morphology", "edit", "cell.swc", "--out", "new.swc", *words, code=2)
        assert not (tmp_path / "new.swc").exists()
        return " ".join(done.stderr.split())

    assert "unknown edit 'scale-length'; did you mean" in refused("--scale-length", "all=2")
    assert "scale-lengths: unknown region 'apcal'" in refused("--scale-lengths", "apcal=2")
    assert "'basal=2' stands where an edit should" in refused("basal=2")


def test_all_edits_are_listed(workbench):
    listed = json.loads(workbench("morphology", "edits", "--json").stdout)
    [one] = [row for row in listed if row["name"] == "scale-lengths"]
    assert list(one["arguments"]) == ["region", "factor"]
