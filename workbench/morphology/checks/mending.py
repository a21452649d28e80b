"""A cell with all mended that can be."""

import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from workbench.errors import MorphologyError
from workbench.inputs import content
from workbench.morphology.checks.check import CHECKS, Finding
from workbench.morphology.checks.sound import check_morphology
from workbench.morphology.readers.load import LARGEST_MB, load_morphology, path_of
from workbench.morphology.readers.soma import SomaModel
from workbench.morphology.readers.swc_rows import Kinds
from workbench.morphology.tree import Morphology
from workbench.scratch import scratch_folder

ROW, RADIUS = 7, 5
"""Words of a row of an SWC file, and which of them is the radius."""


@dataclass(frozen=True)
class Mending:
    """What became of a cell.

    Attributes
    ----------
    morphology
        The cell with all mended that can be.
    done
        What was done, in words, in order.
    left
        What is odd about it still.
    """

    morphology: Morphology
    done: tuple[str, ...]
    left: tuple[Finding, ...]


def mend_morphology(
    cell: Morphology | str | Path,
    soma: SomaModel = "neuron",
    *,
    unit: str = "um",
    kinds: Kinds = MappingProxyType({}),
    trust_hoc: bool = False,
) -> Mending:
    """Return a cell with all mended that is `fixable`, what was done, and what is left.

    A mend takes no decision that belongs to whoever traced the cell: diameters come from
    neighbours, what is there twice is left out once, and what hangs somewhere is drawn there. A
    radius in an SWC file that is below 0 or no number counts as one of 0. All else stays.
    `convert_morphology` writes the cell. It has no `edits`, which would not make it again.

    Parameters
    ----------
    cell
        A morphology, or the file or name of one.
    soma, unit, kinds, trust_hoc
        How a file is read, see `load_morphology`. Another unit is one of the things mended.

    Raises
    ------
    MorphologyError
        A file that cannot be read.

    Examples
    --------
    >>> from workbench.morphology import edit_morphology, random_tree
    >>> cut = edit_morphology(random_tree(seed=1), "split section=dend[9],x=0.3")
    >>> mend_morphology(cut).done
    ('1 section became one with what went before',)
    """
    done: list[str] = []
    if not isinstance(cell, Morphology):
        load = partial(load_morphology, soma=soma, unit=unit, kinds=kinds, trust_hoc=trust_hoc)
        try:
            morphology = load(cell)
        except MorphologyError as error:
            text, done = _with_radii(path_of(cell), error)
            with scratch_folder() as folder:
                copy = Path(folder) / path_of(cell).name
                copy.write_text(text, encoding="utf-8")
                morphology = load(copy)
        if unit != "um":
            done.append(f"lengths in {unit} are in um")
        done += [f"points of kind {kind} are {region}" for kind, region in kinds.items()]
        cell = morphology
    for _ in CHECKS:
        before = len(done)
        for one in CHECKS.values():
            if one.mend is not None and any(found.fixable for found in one.find(cell)):
                cell, words = one.mend(cell)
                done += words
        if len(done) == before:
            break
    if done:
        cell = replace(cell, edits=(), unedited=None)
    return Mending(cell, tuple(done), check_morphology(cell))


def _with_radii(path: Path, why: MorphologyError) -> tuple[str, list[str]]:
    """Return an SWC file's text with 0 for radii that are none, and what was done.

    Raises
    ------
    MorphologyError
        With the reason why it could not be read, where no radius is to blame.
    """
    if path.suffix.lower() != ".swc":
        raise why
    data = content(path, MorphologyError, largest_MB=LARGEST_MB)
    rows, done = re.split(r"\r\n|\r|\n", data.decode("utf-8-sig", errors="replace")), []
    for line, row in enumerate(rows, start=1):
        words = row.partition("#")[0].split()
        if len(words) >= ROW and _is_no_radius(words[RADIUS]):
            rows[line - 1] = " ".join([*words[:RADIUS], "0", *words[RADIUS + 1 :]])
            done.append(f"line {line}: the radius {words[RADIUS]} counts as 0, as one not known")
    if not done:
        raise why
    return "\n".join(rows), done


def _is_no_radius(word: str) -> bool:
    try:
        return not float(word) >= 0
    except ValueError:
        return False
