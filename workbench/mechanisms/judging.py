"""Which integrators may run a mechanism, and what of it outlives a run: judged once for each text.

Read from the syntax tree, see `nmodl/conduct.py`. Where only a run could tell, the verdict is
the one that is safe.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from workbench import nmodl
from workbench.caching import recall
from workbench.mechanisms.mechanism import Mechanism, MechanismSet
from workbench.nmodl import Finding
from workbench.nmodl.branches import hidden_branches
from workbench.nmodl.conduct import Conduct
from workbench.nmodl.folders import cache_file, store
from workbench.nmodl.including import placed
from workbench.nmodl.linting import Parsed, findings_in, in_its_file, parse

_UNREAD = ("what the lint cannot read",)


@dataclass(frozen=True)
class Verdict:
    """What one .mod file does beside its equations; each entry says what, and where.

    Attributes
    ----------
    file, suffix
        The file and its mechanism ("" if there is none).
    by_hand
        STATEs that steps move by hand: an integrator with steps of its own cannot see that.
    beyond_states
        What would not come back if a step were taken back and its STATEs restored.
    own_events
        What makes or awaits events of the mechanism's own, at times that nobody knows before.
    explicit
        Methods that are stable for short steps only.
    first_order
        Methods whose step is of first order, as backward Euler's.
    remembers
        What the segments of a cell carry into its next run.
    put_back
        GLOBALs that carry something into the next run, by their name in NEURON, with the value
        that the file declares.
    random
        RANDOM variables: their streams go on from run to run, unless they are begun anew.
    kept_by_process
        What a process carries into the next run where nobody can put it back.
    unset
        What it reads and the file does not set: POINTERs, tables of FUNCTION_TABLEs.
    pointers
        Names of the POINTERs among them that are only read, so that a cell may set them.
    without_default
        PARAMETERs that it reads and gives no value, so that NEURON takes 0; with their lines.
    kept_by_coreneuron
        GLOBALs that CoreNEURON carries into its next run, in a copy that nobody can put back.
    depends_on_t
        Where a current or an equation depends on the time itself: corners that no step which
        follows the solution can know.
    announces_corners
        Whether it tells CVODE of such corners, by `at_time` or an event of its own.
    stale_tables
        TABLEs that may hold the values of another segment or of another run.
    fixed_in_tables
        GLOBAL PARAMETERs that TABLEs do not follow: who sets one has to turn the TABLEs off.
    hidden_branches
        Conditions that only PARAMETERs, the temperature or the time decide.
    foreign
        What reaches the C++ compiler without being NMODL's or the file's, accepted or not: file,
        line and what it is.
    coreneuron
        What the lint finds for CoreNEURON and the file does not accept.
    """

    file: str
    suffix: str
    by_hand: tuple[str, ...] = ()
    beyond_states: tuple[str, ...] = ()
    own_events: tuple[str, ...] = ()
    explicit: tuple[str, ...] = ()
    first_order: tuple[str, ...] = ()
    remembers: tuple[str, ...] = ()
    put_back: tuple[tuple[str, float], ...] = ()
    random: tuple[str, ...] = ()
    kept_by_process: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
    without_default: tuple[tuple[str, int], ...] = ()
    kept_by_coreneuron: tuple[str, ...] = ()
    depends_on_t: tuple[str, ...] = ()
    announces_corners: bool = False
    stale_tables: tuple[str, ...] = ()
    fixed_in_tables: tuple[str, ...] = ()
    hidden_branches: tuple[str, ...] = ()
    foreign: tuple[tuple[str, int, str], ...] = ()
    coreneuron: tuple[Finding, ...] = ()

    @property
    def switch(self) -> str:
        """The GLOBAL that turns its TABLEs off, if they have to be; "" if not."""
        return f"usetable_{self.suffix}" if self.suffix and self.stale_tables else ""


@cache
def judge(mechanisms: MechanismSet) -> tuple[Verdict, ...]:
    """Return the verdict on each file of a folder, in the order of the files.

    Raises
    ------
    MechanismError
        If NEURON's parser fails.
    """
    file = cache_file(mechanisms.sources, f"verdicts-{_rules()}")
    found = _remember(file)
    if not found:
        declared = {one.file: one for one in mechanisms.mechanisms}
        found = tuple(
            _in_its_files(_judge(one, declared.get(one.name)), one.text)
            for one in parse(mechanisms.folder, mechanisms.sources)
        )
        store(file, [asdict(verdict) for verdict in found])
    return found


def _in_its_files(verdict: Verdict, text: str) -> Verdict:
    """Return a verdict that says of what is included in which file it stands."""
    said: dict[str, Any] = {
        name: tuple(placed(text, one) if isinstance(one, str) else one for one in value)
        for name, value in vars(verdict).items()
        if isinstance(value, tuple)
    }
    return replace(verdict, **said)


def _judge(parsed: Parsed, declared: Mechanism | None) -> Verdict:
    counted = findings_in(parsed)
    findings = [in_its_file(one, parsed.text) for one in counted]
    coreneuron = tuple(f for f in findings if "coreneuron" in f.affects and not f.accepted)
    suffix, file = declared.suffix if declared else "", parsed.file
    if file is None:
        return Verdict(
            parsed.name,
            suffix,
            _UNREAD,
            _UNREAD,
            remembers=_UNREAD,
            hidden_branches=_UNREAD,
            foreign=((parsed.name, 1, parsed.error),),
            coreneuron=coreneuron,
        )
    accepted = {(f.rule, f.line) for f in counted if f.accepted}
    locals_ = file.first_assignments(file.file_locals)
    conduct = Conduct(
        file,
        frozenset(n.name for n in locals_ if ("file-level-local", n.line) in accepted),
        frozenset(line for rule, line in accepted if rule == "verbatim-static"),
    )
    defaults = {p.name: p.default for p in declared.global_parameters} if declared else {}
    return Verdict(
        parsed.name,
        suffix,
        by_hand=tuple(conduct.by_hand()),
        beyond_states=tuple(conduct.beyond_states()),
        own_events=tuple(conduct.own_events()),
        explicit=tuple(conduct.explicit()),
        first_order=tuple(conduct.first_order()),
        remembers=tuple(conduct.kept_by_segments()),
        put_back=tuple((f"{n}_{suffix}", defaults.get(n, 0.0)) for n in conduct.kept_by_globals()),
        random=tuple(conduct.random()),
        kept_by_process=tuple(conduct.kept_by_process()),
        unset=tuple(conduct.unset()),
        pointers=tuple(conduct.pointers()),
        without_default=tuple(conduct.without_default()),
        kept_by_coreneuron=tuple(conduct.kept_by_coreneuron()),
        depends_on_t=tuple(conduct.depends_on_t()),
        announces_corners=conduct.announces_corners(),
        stale_tables=tuple(conduct.stale_tables()),
        fixed_in_tables=tuple(conduct.fixed_in_tables()),
        hidden_branches=tuple(hidden_branches(file)),
        foreign=tuple((f.file, f.line, f.message) for f in findings if f.rule == "foreign-code"),
        coreneuron=coreneuron,
    )


@cache
def _rules() -> str:
    """Return a digest of the program that judges: with another one, all is judged anew."""
    files = (Path(__file__), *sorted(Path(nmodl.__file__).parent.rglob("*.py")))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _remember(file: Path) -> tuple[Verdict, ...] | None:
    return recall(file, lambda found: tuple(map(_verdict, found)))


def _verdict(fields: Mapping[str, Any]) -> Verdict:
    values = {name: _tuples(value) for name, value in fields.items()}
    found = (Finding(**{**one, "affects": tuple(one["affects"])}) for one in fields["coreneuron"])
    return Verdict(**{**values, "coreneuron": tuple(found)})


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
