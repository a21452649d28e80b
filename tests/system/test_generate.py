"""`workbench morphology generate`: a cell from a few numbers, in a file."""

import json

from workbench.morphology import binary_tree, compare_morphologies, load_morphology


def test_a_published_tree_is_written(workbench, tmp_path):
    words = ["binary-tree", "tips=8,number=23,length_um=1750"]
    workbench("morphology", "generate", *words, "--out", "tree.swc")
    cell = binary_tree(tips=8, number=23, length_um=1750)
    assert compare_morphologies(cell, load_morphology(tmp_path / "tree.swc")) == ()
    wrong = workbench("morphology", "generate", "random-tre", "--out", "x.swc", code=2)
    assert "did you mean 'random-tree'" in wrong.stderr
    listed = json.loads(workbench("morphology", "generators", "--json").stdout)
    assert "seed" in next(row for row in listed if row["name"] == "spanning")["arguments"]
