"""Small cells in every format, and damaged ones: what a fuzzer of the morphology readers feeds on.

`damaged(suffix)` is a hypothesis strategy for the bytes of such a file; `damage` is one mutation
of the kinds that it is made of, for fuzzers that draw with a `random.Random`.
"""

import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

SWC = """# a cell
1 1 0 0 0 5 -1
2 1 0 -5 0 5 1
3 1 0 5 0 5 1
4 3 5 0 0 1 1
5 3 20 0 0 1 4
6 3 30 10 0 0.5 5
7 3 30 -10 0 0.5 5
8 4 0 6 0 1.5 1
9 4 0 90 0 1 8
10 2 0 -6 0 0.7 1
11 2 0 -70 0 0.3 10
"""
ASC = """("CellBody" (Color Red) (CellBody) (0 0 0 1) (5 5 0 1) (10 0 0 1) (5 -5 0 1))
((Color Blue) (Dendrite) (10 0 0 2) (20 0 0 2) ((30 10 0 1) (40 12 0 1) | (30 -10 0 1) (41 -10 0 1)))
((Color Blue) (Apical) (0 5 0 2) (0 50 0 2) ((10 70 0 1) (12 90 0 1) | (-10 70 0 1) (-20 99 0 1)))
((Color Blue) (Axon) (0 -5 0 1) (0 -40 0 0.5))
"""  # noqa: E501
CYLINDERS = """source = "a fuzzer"
[[section]]
region = "somatic"
length_um = 20
diameter_um = 20
[[section]]
region = "basal"
length_um = 200.5
diameter_um = 2
parent = 0
parent_x = 0.5
"""
SUFFIXES = (".swc", ".asc", ".h5", ".toml")

WORDS = (
    b"nan", b"inf", b"-inf", b"1e400", b"1e999", b"-1", b"0", b"1e-320", b"9" * 300, b"1e308",
    b"-0", b"0x10", b"1_0", b"2.5", b"\xff\xfe", b"\x00", b"\xef\xbb\xbf", b"\xc3\xa9", b"(", b")",
    b"|", b";", b'"', b"#", b"\r", b"\n", b"\x0c", b"{}", b"[", b"[[section]]", b"1979-05-27",
    b"true", b"99999999999999999999", b"(CellBody)", b"(Dendrite)", b"5 5 5", b"''", b"parent = 0",
)  # fmt: skip


@cache
def sound(suffix: str) -> bytes:
    """Return a small cell in the format of a suffix."""
    if suffix != ".h5":
        return {".swc": SWC, ".asc": ASC, ".toml": CYLINDERS}[suffix].encode()
    import morphio
    import morphio.mut

    with TemporaryDirectory() as folder:
        path = Path(folder) / "cell.h5"
        morphio.mut.Morphology(morphio.Morphology(ASC, "asc")).write(str(path))
        return path.read_bytes()


def damage(content: bytes, rng: random.Random) -> bytes:
    """Return the content with one thing wrong."""
    at, size = rng.randrange(len(content) + 1), rng.choice((1, 2, 8, 60))
    word = rng.choice(WORDS)
    match rng.randrange(7):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + content[at + size :]
        case 2:
            return content[:at] + word + content[at:]
        case 3:
            return content[:at] + word * rng.choice((50, 5000)) + content[at:]
        case 4:
            return content[:at] + rng.randbytes(size) + content[at + size :]
        case 5:
            start = rng.randrange(len(content) + 1)
            return content[:at] + content[start : start + 200] + content[at:]
        case _:
            pieces = content.split(b" ")
            pieces[rng.randrange(len(pieces))] = word
            return b" ".join(pieces)


@st.composite
def damaged(draw: st.DrawFn, suffix: str) -> bytes:
    """Draw the bytes of a file of this format with one to four things wrong."""
    content, rng = sound(suffix), draw(st.randoms(use_true_random=False))
    for _ in range(draw(st.integers(1, 4))):
        content = damage(content, rng)
    return content
