"""Files with one fault each, and what is to be said of them."""

import math
from dataclasses import dataclass

SOMA = "1 1 0 0 0 6 -1\n"


@dataclass(frozen=True)
class Broken:
    """A file, and what `check` has to say of it.

    `check` is the name of the check, or "" where the file cannot be read at all; `said` a part of
    the message, `mend` of what to do; `section` the place.
    """

    text: str
    check: str
    said: str
    mend: str = ""
    section: str = ""
    fixable: bool = False
    suffix: str = ".swc"


def rows(*points, first=2):
    """Return rows of an SWC file from (kind, x, y, z, radius, parent), numbered from `first`."""
    return "".join(
        f"{number} {' '.join(map(str, point))}\n" for number, point in enumerate(points, first)
    )


def way(count=60, *, first=2, radius=lambda i: 0.5, z=lambda i: 3 * math.sin(i), step=10.0):
    """Return the rows of one long dendrite."""
    points = []
    for i in range(count):
        x, y = step * (i + 1) + 0.25, step * math.sin(i / 3) + 0.25
        place = (f"{value:.4f}" for value in (x, y, z(i)))
        points.append((3, *place, radius(i), first + i - 1 if i else 1))
    return rows(*points, first=first)


def fan(count, ends, z):
    """Return straight dendrites from the soma, each of three points; `ends` gives x and y."""
    text, number = "", 2
    for i in range(count):
        x, y = ends(i)
        for part in (0.05, 0.6, 1.0):
            parent = 1 if part == 0.05 else number - 1
            place = (f"{value * part + 0.11:.4f}" for value in (x, y, z(i)))
            text += f"{number} 3 {' '.join(place)} 0.5 {parent}\n"
            number += 1
    return text


STEM = rows((3, 0, 10, 0, 1, 1), (3, 0, 40, 0, 1, 2))
FORK = STEM + rows((3, 20, 60, 0, 0.8, 3), (3, -20, 60, 0, 0.8, 3), first=4)
OUTLINE = "".join(
    f"{i + 1} 1 {6 * math.cos(a):.4f} {6 * math.sin(a):.4f} 0 0.2 {i or -1}\n"
    for i, a in enumerate(2 * math.pi * k / 8 for k in range(8))
)

BROKEN = {
    "a diameter of 0 on the way": Broken(
        SOMA + rows((3, 0, 10, 0, 1, 1), (3, 0, 40, 0, 0, 2), (3, 0, 80, 0, 3, 3)),
        "zero diameter",
        "line 3: dend[0] has a diameter of 0 um",
        "radius",
        "dend[0]",
        True,
    ),
    "a diameter of 0 where it forks": Broken(
        SOMA + FORK.replace("0 40 0 1 2", "0 40 0 0 2"),
        "zero diameter",
        "diameter of 0 um",
        "radius",
        "dend[0]",
        True,
    ),
    "no diameter at all": Broken(
        SOMA + rows((3, 0, 10, 0, 0, 1), (3, 0, 40, 0, 0, 2)),
        "zero diameter",
        "all of its points",
        "radius",
        "dend[0]",
    ),
    "a radius below 0": Broken(
        SOMA + rows((3, 0, 10, 0, 1, 1), (3, 0, 40, 0, -1, 2), (3, 0, 80, 0, 1, 3)),
        "",
        "line 3: the radius is -1, below 0",
        fixable=True,
    ),
    "a radius that is no number": Broken(
        SOMA + rows((3, 0, 10, 0, 1, 1), (3, 0, 40, 0, "nan", 2), (3, 0, 80, 0, 1, 3)),
        "",
        "line 3: radius is nan",
        fixable=True,
    ),
    "a coordinate that is no number": Broken(
        SOMA + rows((3, 0, 10, 0, 1, 1), (3, "nan", 40, 0, 1, 2)),
        "",
        "line 3: x is nan",
    ),
    "a point twice": Broken(
        SOMA
        + rows((3, 0, 10, 0, 1, 1), (3, 0, 40, 0, 1, 2), (3, 0, 40, 0, 1, 3), (3, 0, 80, 0, 1, 4)),
        "double point",
        "line 4: dend[0] has 1 point",
        "Take them out",
        "dend[0]",
        True,
    ),
    "a branch without length": Broken(
        SOMA + FORK + rows((3, 0, 40, 0, 1, 3), first=6),
        "reading",
        "1 branches without length were left out",
        "Write the file anew",
        "",
        True,
    ),
    "a section that goes on in one": Broken(
        SOMA
        + rows((3, 0, 10, 0, 1, 1), (3, 0, 40, 0, 1, 2), (3, 0, 200, 0, 1, 5), (3, 0, 90, 0, 1, 3)),
        "reading",
        "points stand before their parents (1 of them)",
        "Write the file anew",
        "",
        True,
    ),
    "an only child": Broken(
        '("CellBody" (CellBody) (5 0 0 0.1) (0 5 0 0.1) (-5 0 0 0.1) (0 -5 0 0.1))\n'
        "((Dendrite) (0 6 0 2) (0 40 0 2) ((0 60 0 2) (0 80 3 2)))\n",
        "only child",
        "dend[0] goes on in dend[1] alone",
        "Make one section",
        "dend[0]",
        True,
        ".asc",
    ),
    "a neurite far from the soma": Broken(
        SOMA
        + rows((3, 0, 10, 0, 1, 1), (3, 0, 40, 0, 1, 2), (3, 0, 60, 0, 1, -1), (3, 9, 90, 0, 1, 4)),
        "gap",
        "line 4: dend[1] was drawn 54.0 um away from soma[0](0.5)",
        "--fix moves it",
        "dend[1]",
        True,
    ),
    "trees without a parent": Broken(
        SOMA + rows((3, 0, 10, 0, 1, -1), (3, 0, 40, 0, 1, 2)),
        "reading",
        "trees without a parent hang on the middle of the soma: 1, with roots on line 2",
        "Write the file anew",
        "",
        True,
    ),
    "a branch twice": Broken(
        SOMA + FORK + rows((3, 20, 60, 0, 0.8, 3), first=6),
        "twin branch",
        "line 6: dend[3] runs through the points of dend[1]",
        "Take dend[3] out",
        "dend[3]",
        True,
    ),
    "branches that cross": Broken(
        SOMA
        + rows(
            (3, 0, 10, 0, 1, 1),
            (3, 10, 20, 0, 1, 2),
            (3, 30, 30, 0, 1, 3),
            (3, 10, 0, 0, 1, 1),
            (3, 10, 20, 0, 1, 5),
            (3, 20, 50, 0, 1, 6),
        ),
        "shared points",
        "line 6: dend[1] meets dend[0] in 1 point",
        "traced twice",
        "dend[1]",
    ),
    "five daughters": Broken(
        SOMA + STEM + rows(*((3, 20 * i - 40, 70, 0, 1, 3) for i in range(5)), first=4),
        "many daughters",
        "line 3: dend[0] ends in 5 at once",
        "lost their own parent",
        "dend[0]",
    ),
    "nm for um": Broken(
        "1 1 0 0 0 6000 -1\n" + rows((3, 0, 10000, 0, 1000, 1), (3, 0, 40000, 0, 1000, 2)),
        "size",
        "the soma is 12000 um wide",
        "--fix --unit nm writes",
        "soma[0]",
    ),
    "pixels for um": Broken(
        SOMA + "".join(f"{i + 2} 3 {7 * i} {5 * (i % 7) + 9} 0.5 1 {i + 1}\n" for i in range(60)),
        "pixels",
        "x and y of all 60 points are whole numbers",
        "0.2 um",
    ),
    "z pressed flat": Broken(
        SOMA + way(z=lambda i: 0.3 * math.sin(i)),
        "flat",
        "um deep",
        "undo-shrinkage",
    ),
    "z in steps": Broken(
        SOMA + way(120, z=lambda i: 40.0 * (i > 60)),
        "steps in z",
        "points lie in 2 planes",
        "smooth",
    ),
    "a slice's face": Broken(
        SOMA
        + fan(
            12,
            lambda i: (100 * math.cos(i), 100 * math.sin(i)),
            lambda i: 80.0 if i % 2 else -9.0 * i,
        ),
        "cut plane",
        "6 of 12 dendrites end within 1.7 um of the highest z, 80.11 um",
        "cut off",
        "dend[1]",
    ),
    "a far step": Broken(
        SOMA + way() + rows((3, 5000.5, 5.25, 1, 0.5, 61), (3, 5009.5, 5.25, 1, 0.5, 62), first=62),
        "far step",
        "lines 61, 62: dend[0] goes",
        "parent",
        "dend[0]",
    ),
    "a way back": Broken(
        SOMA
        + rows((3, 0, 10, 0, 1, 1), (3, 0, 40, 0, 1, 2), (3, 0, 20, 0, 1, 3), (3, 9, 60, 0, 1, 4)),
        "way back",
        "lines 3, 4: dend[0] turns and goes back",
        "Take out the point",
        "dend[0]",
    ),
    "a diameter ten times the next": Broken(
        SOMA
        + rows(
            (3, 0, 10, 0, 0.5, 1), (3, 0, 40, 0, 0.5, 2), (3, 0, 80, 0, 5, 3), (3, 0, 99, 0, 5, 4)
        ),
        "diameter jump",
        "lines 3, 4: dend[0] goes from 1 to 10 um",
        "correct the radius",
        "dend[0]",
    ),
    "all diameters one": Broken(
        SOMA + way(),
        "one diameter",
        "all 60 points of the neurites are 1 um thick",
        "taper",
    ),
    "thicker to the tips": Broken(
        SOMA
        + way(40, radius=lambda i: 0.5 + i / 100)
        + rows(
            (3, 450, 20, 4, 2, 41),
            (3, 480, 21, 4, 2.5, 42),
            (3, 450, -20, 4, 2, 41),
            (3, 480, -21, 4, 2.5, 44),
            *((3, 490 + i, -22, 5, 2.5, 45 + i) for i in range(9)),
            first=42,
        ),
        "widening",
        "the basal tips are",
        "from the tips to the soma",
        "dend[1]",
    ),
    "a stem wider than the soma": Broken(
        SOMA + rows((3, 0, 10, 0, 12, 1), (3, 0, 40, 0, 12, 2)),
        "wide stem",
        "line 2: dend[0] leaves the soma 24 um thick",
        "diameters are no radii",
        "dend[0]",
    ),
    "a fat end": Broken(
        SOMA
        + rows(*((3, 0, 10 * i + 10, i % 2, 0.5, i + 1) for i in range(6)), (3, 0, 80, 0, 2, 7)),
        "fat end",
        "dend[0] ends in a point twice as thick",
        "last point",
        "dend[0]",
    ),
    "a narrow start": Broken(
        SOMA + rows((3, 0, 10, 0, 0.5, -1), (3, 0, 40, 0, 1, 2), (3, 9, 60, 0, 1, 3)),
        "narrow start",
        "dend[0] begins thinner",
        "first radius",
        "dend[0]",
    ),
    "thinner than light shows": Broken(
        SOMA + rows((3, 0, 10, 0, 0.04, 1), (3, 0, 80, 0, 0.04, 2)),
        "thin section",
        "longer than 50 um and thinner than 0.1 um",
        "light microscope",
        "dend[0]",
    ),
    "a jump in z": Broken(
        SOMA + rows((3, 0, 10, 0, 1, 1), (3, 0, 20, 0, 1, 2), (3, 0, 30, 45, 1, 3)),
        "jump in z",
        "jumps by more than 30 um in z",
        "tissue",
        "dend[0]",
    ),
    "an outline as a soma": Broken(
        OUTLINE + rows((3, 0, 12, 0, 1, 8), (3, 0, 60, 0, 1, 9), first=9),
        "outline",
        "lines 1 to 8: soma[0] goes round in a ring",
        "with the radius 6",
        "soma[0]",
    ),
    "a soma that two read in two ways": Broken(
        "1 1 0 0 0 5 -1\n2 1 0 5 0 4 1\n3 1 0 -5 0 4 1\n"
        + rows((3, 0, 20, 0, 1, 1), (3, 0, 60, 0, 1, 4), first=4),
        "reading",
        "as MorphIO and NeuroM do",
        "",
        "",
    ),
    "no soma": Broken(
        rows((3, 0, 10, 0, 1, -1), (3, 0, 40, 0, 1, 1), first=1),
        "reading",
        "no soma in the file",
    ),
    "no axon": Broken(
        SOMA + way(radius=lambda i: 1 - i / 100),
        "no axon",
        "no section is axonal",
        "stub-axon",
    ),
    "kinds without a meaning": Broken(
        SOMA + STEM.replace(" 3 0 ", " 0 0 "),
        "",
        "unknown kind of point '0'",
    ),
    "two somata": Broken(
        SOMA + STEM + rows((1, 90, 0, 0, 5, -1), first=4),
        "",
        "one soma is needed, and 2 begin",
    ),
    "no parent of that number": Broken(
        SOMA + STEM.replace(" 1 2\n", " 1 9\n"),
        "",
        "line 3: parent 9 of point 3 is not in the file",
    ),
    "a number twice": Broken(
        SOMA + STEM + rows((3, 0, 60, 0, 1, 3), first=3),
        "",
        "two points have the number 3",
    ),
    "a ring of parents": Broken(
        SOMA + rows((3, 0, 10, 0, 1, 3), (3, 0, 40, 0, 1, 2)),
        "",
        "go round in a ring",
    ),
}
