"""What is said of another reader is what that reader does."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.morphology.readers.soma_forms import morphio_area_um2
from workbench.morphology.readers.swc_rows import read_points

places = st.floats(-20, 20).map(lambda x: round(x, 2))
radii = st.floats(0.5, 10).map(lambda x: round(x, 2))


@st.composite
def somata(draw):
    """Draw the rows of a soma: a chain, or one that forks where it likes."""
    rows = [f"1 1 {draw(places)} {draw(places)} {draw(places)} {draw(radii)} -1"]
    for number in range(2, draw(st.integers(1, 6)) + 1):
        parent = draw(
            st.sampled_from([number - 1, number - 1, 1, draw(st.integers(1, number - 1))])
        )
        x, y, z, radius = draw(places), draw(places), draw(places), draw(radii)
        rows.append(f"{number} 1 {x} {y} {z} {radius} {parent}")
    return "\n".join(rows) + "\n"


@settings(max_examples=200, deadline=None)
@given(somata())
def test_the_area_of_a_soma_as_neurom_computes_it(text):
    import morphio
    from neurom.core.soma import get_area

    morphio.set_maximum_warnings(0)
    points, _ = read_points(Path("cell.swc"), text, 1.0, {})
    ours = morphio_area_um2(points)
    try:
        theirs = float(get_area(morphio.Morphology(text, "swc").soma))
    except morphio.SomaError:
        assert ours is None
    else:
        assert ours == pytest.approx(theirs, rel=1e-5)
