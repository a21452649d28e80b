"""Be the child in which NEURON runs a hoc file and the cell with all its values is copied out.

The question holds the `text` of the file and its `name`, the `files` that it may load (their path
here and that of a copy of theirs), a `library` of compiled mechanisms or None, the names of
`globals`, by the suffixes of the mechanisms with which nothing may be run, since nobody has set
what they read, the names of their POINTERs (`not_run`), and whether NEURON's standard library is
there before the file (`as_nrngui`), as where it is opened with nrngui.

The answer is that of the reader of shapes, and for each section besides: `segments`, `carries` (by
suffix, by variable, a value for each segment), `ions` (the same by ion), `cm`, `Ra`, how many point
processes of each kind stand there (`processes`) and the `styles` of its ions: NEURON's number for
each, and that which the section would have by its mechanisms alone. Of the whole: `unsettled`, the
concentrations that begin a run at what they were before, and would not by themselves; `celsius`;
`v_init` (None if the file set none); `begins_mV`, the lowest and the highest voltage with which
init() lets a run begin (None if it was not called); `globals` by name, GLOBALs of ions among them;
`clamps` and `until_ms` (None if it says nothing).
"""

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.morphology.readers.hoc_child import answer_within_limits, draw

_NO_MECHANISMS = {"morphology", "capacitance"}
# Whether concentrations begin at NEURON's own values: a bit of what `ion_style` returns.
_BEGINS = 0o4


def reply(question: dict[str, Any]) -> dict[str, Any]:
    """Return what the hoc file builds."""
    for here, source in question["files"].items():
        Path(here).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, here)
    begun: list[float] = []
    before: list[float] = []

    def run(h: Any, name: str) -> None:
        if question["as_nrngui"]:
            h.load_file("nrngui.hoc")
            before.append(h.tstop)
        h.xopen(name)
        _set_pointers(h, question["not_run"])
        begun.extend(_begin(h, question["not_run"]))

    h, found = draw(question["text"], question["library"], question["name"], run)
    if "refused" in found:
        return found
    told = built(h, found, question["globals"])
    return told | {
        "begins_mV": [min(begun), max(begun)] if begun else None,
        "until_ms": None if told["until_ms"] in before else told["until_ms"],
    }


def built(h: Any, found: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return what the sections carry that stand in NEURON, beside how they were drawn."""
    sections = list(h.allsec())
    index = {section: number for number, section in enumerate(sections)}
    for drawn, section in zip(found["sections"], sections, strict=True):
        drawn |= _painted(section)
        drawn["styles"] = _styles(h, section, tuple(drawn["carries"]), drawn["ions"])
    ions = sorted({ion for drawn in found["sections"] for ion in drawn["ions"]})
    own = [f"{name}0_{ion}_ion" for ion in ions for name in _concentrations(ion)]
    return {
        **found,
        "celsius": h.celsius,
        "v_init": _number(h, "v_init"),
        "until_ms": _number(h, "tstop"),
        "globals": {name: getattr(h, name) for name in (*names, *own)},
        "clamps": [_clamp(clamp, index) for clamp in h.List("IClamp")],
        "unsettled": list(_unsettled(h, sections, found["sections"])),
    }


def _set_pointers(h: Any, not_run: Mapping[str, Sequence[str]]) -> None:
    """Let POINTERs read anything: NEURON lists no values of a section where one reads nothing."""
    for section in h.allsec():
        for suffix in filter(section.has_membrane, not_run):
            for segment in section:
                for name in not_run[suffix]:
                    h.setpointer(segment._ref_v, name, getattr(segment, suffix))


def _begin(h: Any, not_run: Collection[str]) -> list[float]:
    """Do what the button "Init" does, and return the voltages; none where that cannot be done.

    Models set values in an init() of their own, which a run calls and the file does not.
    """
    if not h.name_declared("stdinit"):
        return []
    for said in (section.psection() for section in h.allsec()):
        if not {*said["density_mechs"], *said["point_processes"]}.isdisjoint(not_run):
            return []
    h.stdinit()
    return [segment.v for section in h.allsec() for segment in section]


def _painted(section: Any) -> dict[str, Any]:
    said = section.psection()
    return {
        "segments": section.nseg,
        "Ra": said["Ra"],
        "cm": said["cm"],
        "carries": {
            suffix: {name: values for name, values in variables.items() if _are_numbers(values)}
            for suffix, variables in said["density_mechs"].items()
            if suffix not in _NO_MECHANISMS
        },
        "ions": said["ions"],
        "processes": {kind: len(placed) for kind, placed in said["point_processes"].items()},
    }


def _concentrations(ion: str) -> tuple[str, str]:
    return f"{ion}i", f"{ion}o"


def _styles(
    h: Any, section: Any, suffixes: tuple[str, ...], ions: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """Return the style of each ion that a section would have by its mechanisms, beside its own."""
    by_itself = h.Section()
    for suffix in suffixes:
        by_itself.insert(suffix)
    return {
        ion: (_style(h, section, ion), _style(h, by_itself, ion))
        for ion in ions
        if by_itself.has_membrane(f"{ion}_ion")
    }


def _style(h: Any, section: Any, ion: str) -> int:
    return int(h.ion_style(f"{ion}_ion", sec=section))


def _unsettled(
    h: Any, sections: Sequence[Any], drawn: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield what a run begins with as it was before, told by two runs of which one finds twice."""
    other: dict[str, list[Any]] = {}
    for section, one in zip(sections, drawn, strict=True):
        for ion, (style, by_itself) in one["styles"].items():
            if (style ^ by_itself) & _BEGINS:
                for name in _concentrations(ion):
                    other.setdefault(name, []).extend(section)
    for name, segments in other.items():
        begins = getattr(h, f"{name}0_{name[:-1]}_ion")
        found = [getattr(segment, name) for segment in segments]
        after = []
        for factor in (1.0, 2.0):
            for segment, value in zip(segments, found, strict=True):
                setattr(segment, name, factor * value)
            h.finitialize()
            after.append([getattr(segment, name) for segment in segments])
        if after[0] != after[1] and any(value != begins for value in after[0]):
            yield name


def _are_numbers(values: list[Any]) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _number(h: Any, name: str) -> float | None:
    """Return a variable of the hoc interpreter's, if there is one."""
    try:
        return float(getattr(h, name))
    except (AttributeError, LookupError, TypeError):
        return None


def _clamp(clamp: Any, index: dict[Any, int]) -> dict[str, Any]:
    segment = clamp.get_segment()
    return {
        "section": -1 if segment is None else index[segment.sec],
        "x": 0.0 if segment is None else segment.x,
        "delay_ms": clamp.delay,
        "duration_ms": clamp.dur,
        "amplitude_nA": clamp.amp,
    }


if __name__ == "__main__":
    answer_within_limits(reply)
