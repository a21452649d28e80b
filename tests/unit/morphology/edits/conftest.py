import pytest

from workbench.morphology import Cylinder, Morphology, Section, cylinder_tree


@pytest.fixture
def cell():
    """A soma with a basal fork, an apical stem with two forks, and an axon."""
    return cylinder_tree(
        "cell",
        [
            Cylinder("somatic", 20, 20),
            Cylinder("basal", 50, 2, parent=0),
            Cylinder("basal", 40, 1, parent=1),
            Cylinder("basal", 30, 1, parent=1),
            Cylinder("apical", 100, 4, parent=0),
            Cylinder("apical", 80, 2, parent=4),
            Cylinder("apical", 60, 1, parent=4, parent_x=0.5),
            Cylinder("apical", 40, 1, parent=5),
            Cylinder("apical", 40, 3, parent=5),
            Cylinder("axonal", 90, 1, parent=0),
        ],
    )


@pytest.fixture
def cell_with_places():
    """A soma about the origin, and a dendrite along x with a bend in y."""
    soma = Section("somatic", -1, 0.0, [[-10, 0, 0, 20], [10, 0, 0, 20]])
    dendrite = Section("basal", 0, 0.5, [[0, 0, 0, 2], [50, 10, 0, 1], [100, 0, 0, 1]])
    return Morphology("cell", (soma, dendrite))
