"""What the file's reader had to say."""

from collections.abc import Iterator
from dataclasses import replace

from workbench.morphology.checks.check import Finding, Mended, check
from workbench.morphology.readers.branches import LEFT_OUT
from workbench.morphology.readers.swc import ROOTS, SINGLE, STRAY
from workbench.morphology.readers.swc_rows import LATE
from workbench.morphology.tree import Morphology

WRITTEN = (LEFT_OUT, ROOTS, SINGLE, STRAY, LATE)
"""What is gone from a file that we wrote: all readers see the tree in it that we see."""


def written_anew(morphology: Morphology) -> Mended:
    """Keep the tree as it was read, without what was odd about its file."""
    said = (*morphology.notes, *morphology.unlike_neuron)
    notes, unlike = (
        tuple(note for note in kind if not _gone(note))
        for kind in (morphology.notes, morphology.unlike_neuron)
    )
    done = tuple(f"written as it was read: {note}" for note in said if _gone(note))
    return replace(morphology, notes=notes, unlike_neuron=unlike), done


@check("reading", "note", mend=written_anew)
def reading(morphology: Morphology) -> Iterator[Finding]:
    """Find what was odd about the file, and what NEURON's own reader makes otherwise of it."""
    for note in (*morphology.notes, *morphology.unlike_neuron):
        mend = "Write the file anew, as --fix does" * _gone(note)
        yield Finding("reading", "", note, "note", mend, fixable=_gone(note))


def _gone(note: str) -> bool:
    return any(kind in note for kind in WRITTEN)
