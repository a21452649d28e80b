"""cell.toml to a `CellRecipe` and its free parameters."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from workbench.cells import (
    Balance,
    ByRegion,
    CellRecipe,
    Distribution,
    DLambda,
    MaximalLength,
    Paint,
    Profile,
    SegmentRule,
    Spines,
    Tie,
    Total,
    check_placed,
    check_pointers,
    covered,
    overruled,
)
from workbench.errors import MechanismError, StudyError, unknown
from workbench.fitting import Parameter
from workbench.mechanisms import (
    Mechanism,
    MechanismSet,
    combine,
    find_folder,
    read_mechanisms,
    why_not_painted,
)
from workbench.morphology import (
    GivenRegion,
    Morphology,
    find_named,
    generate_morphology,
    load_morphology,
    parse_site,
    remove_axon,
    replace_axon,
)
from workbench.studies.cell_tables import (
    CellTable,
    DistributionTable,
    Given,
    MorphologyTable,
    PaintTable,
    RegionTable,
    RuleTable,
    SegmentsTable,
    SpinesTable,
    StubTable,
)
from workbench.studies.edits import edited
from workbench.studies.entries import entry_of, free_parameter, number_of, tie_of
from workbench.studies.files import at, inside
from workbench.studies.paintable import Paintable
from workbench.studies.places import placed_from, pointers_from

GLOBAL = "global"
"""The table of parameters that holds GLOBALs."""


def cell_from(
    path: Path, name: str, table: CellTable, shape: str | Path | None = None
) -> tuple[CellRecipe, tuple[Parameter, ...]]:
    """Return the cell that a cell.toml describes, and the parameters that it leaves free.

    `shape` is a morphology in place of the cell's own, with its `soma`, `axon` and `edit`.

    Raises
    ------
    InputError
        With the file, the key and what is allowed there.
    """
    regions: dict[str, GivenRegion] = {
        name: given.model_dump() if isinstance(given, RegionTable) else given
        for name, given in table.regions.items()
    }
    if GLOBAL in regions:
        raise StudyError(
            f"{path}: regions.{GLOBAL}: [parameters.{GLOBAL}] holds GLOBALs of mechanisms; take "
            "another name"
        )
    if not isinstance(table.morphology, MorphologyTable):
        raise StudyError(f"{path}: morphology: this cell has one; write it as [morphology]")
    shaped = _morphology(path, table.morphology, shape)
    morphology = edited(path, shaped, table.morphology.edit, regions)
    with at(f"{path}: mechanisms.folders"):
        sets = tuple(_mechanisms(path, folder) for folder in table.mechanisms.folders)
        combine(sets)
    with at(f"{path}: conditions"):
        segments = segments_from(table.conditions.segments)
    for region in table.conditions.segments.rules():
        _check_region(path, "conditions.segments", region, morphology)
    inserted = _inserted(path, table, morphology, sets)
    paint, parameters, ties = _painted(path, table, morphology, inserted, sets)
    placed, more, more_ties = placed_from(path, table.place)
    with at(str(path)):
        check_placed(placed, combine(sets), morphology)
        recipe = CellRecipe(
            name,
            morphology,
            sets,
            tuple((region, suffix) for region, suffixes in inserted.items() for suffix in suffixes),
            paint,
            segments,
            table.conditions.celsius_degC,
            table.conditions.v_init_mV,
            placed,
            held=tuple(table.mechanisms.hold),
            pointers=pointers_from(path, table.pointers),
        )
        check_pointers(recipe)
    with at(f"{path}: spines"):
        recipe = replace(recipe, spines=tuple(_spines(one) for one in table.spines))
    values, shared, tied = _globals(path, table.parameters.get(GLOBAL, {}))
    with at(str(path)):
        recipe = replace(recipe, global_values=values, ties=ties + more_ties + tied)
    return recipe, parameters + more + shared


def _spines(table: SpinesTable) -> Spines:
    return Spines(
        table.region,
        table.density_per_um,
        table.area_um2,
        table.max_diameter_um,
        tuple(table.scaled),
    )


def _morphology(path: Path, table: MorphologyTable, shape: str | Path | None) -> Morphology:
    if sum(one is not None for one in (table.name, table.file, table.generate)) != 1:
        raise StudyError(
            f"{path}: morphology: give either the name of a catalogue's cell (name = ...), a file "
            "of your own (file = ...) or a generator (generate = ...)"
        )
    given = next(key for key in ("name", "file", "generate") if getattr(table, key) is not None)
    with at(f"{path}: morphology.{given}"):
        if shape is not None:
            morphology = load_morphology(shape, table.soma, kinds={})
        elif table.generate is not None:
            morphology = generate_morphology(table.generate)
        else:
            file = _file_of(path, table)
            morphology = load_morphology(file, table.soma, unit=table.unit, kinds=table.kinds)
    with at(f"{path}: morphology.axon"):
        if isinstance(table.axon, StubTable):
            near, far = table.axon.diameters_um
            return replace_axon(
                morphology,
                length_um=table.axon.length_um,
                diameters_um=(near, far),
                soma_x=table.axon.soma_x,
            )
        if table.axon == "stub":
            return replace_axon(morphology)
        return remove_axon(morphology) if table.axon == "remove" else morphology


def _file_of(path: Path, table: MorphologyTable) -> Path:
    if table.file is not None:
        return inside(path.parent / table.file, path)
    assert table.name is not None
    return find_named(table.name)


def _mechanisms(path: Path, folder: str) -> MechanismSet:
    beside = path.parent / folder
    return read_mechanisms(inside(beside if beside.is_dir() else find_folder(folder), path))


def segments_from(table: SegmentsTable) -> SegmentRule:
    """Return the rule that a table describes.

    Raises
    ------
    StudyError
        If it, or that of a region, gives no rule or two.
    """
    rule = _rule("segments", table)
    regions = tuple((r, _rule(f"segments.{r}", t)) for r, t in table.rules().items())
    return ByRegion(rule, regions) if regions else rule


def _rule(key: str, table: RuleTable) -> MaximalLength | DLambda:
    if (table.max_length_um is None) == (table.d_lambda is None):
        raise StudyError(f"{key}: give either max_length_um or d_lambda")
    with at(key):
        if table.d_lambda is not None:
            if not table.odd:
                raise StudyError("odd = false goes with max_length_um alone")
            return DLambda(table.d_lambda, table.frequency_Hz)
        assert table.max_length_um is not None
        return MaximalLength(table.max_length_um, table.odd)


def _check_region(path: Path, key: str, region: str, morphology: Morphology) -> None:
    if "[" in region:
        with at(f"{path}: {key}"):
            morphology.indices(region)
        return
    allowed = ("all", *morphology.region_names)
    if region not in allowed:
        raise StudyError(f"{path}: {key}.{region}: {unknown('region', region, allowed)}")


def _inserted(
    path: Path, table: CellTable, morphology: Morphology, sets: tuple[MechanismSet, ...]
) -> dict[str, list[str]]:
    pool = combine(sets)
    known = [suffix for suffix, mechanism in pool.items() if mechanism.kind == "density"]
    for region, suffixes in table.mechanisms.insert.items():
        _check_region(path, "mechanisms.insert", region, morphology)
        for suffix in suffixes:
            if suffix in known:
                continue
            what = unknown("mechanism", suffix, known)
            if suffix in pool:
                what = f"{suffix} ({pool[suffix].kind}) is no density mechanism, and only those "
                what += f"can be inserted. Allowed: {', '.join(sorted(known))}"
            raise MechanismError(f"{path}: mechanisms.insert.{region}: {what}")
    return table.mechanisms.insert


def _painted(
    path: Path,
    table: CellTable,
    morphology: Morphology,
    inserted: dict[str, list[str]],
    sets: tuple[MechanismSet, ...],
) -> tuple[tuple[Paint, ...], tuple[Parameter, ...], tuple[Tie, ...]]:
    paintable = Paintable(morphology, inserted, combine(sets))
    paint, parameters, ties = [], list[Parameter](), list[Tie]()
    distributions: dict[str, Distribution | Profile] = {}
    for name, written in table.distributions.items():
        distributions[name], free, tied = _distribution(path, name, written)
        parameters += free
        ties += tied
    for region, values in table.parameters.items():
        if region == GLOBAL:
            continue
        _check_region(path, "parameters", region, morphology)
        allowed = paintable.variables(region)
        for variable, given in values.items():
            key = f"{path}: parameters.{region}.{variable}"
            if variable not in allowed:
                what = why_not_painted(variable, sets)
                what = what or unknown("parameter here", variable, allowed)
                raise MechanismError(f"{key}: {what}")
            if where := paintable.lacking(region, variable):
                raise MechanismError(
                    f"{key}: no mechanism brings {variable} to {where}; "
                    "paint the other regions one by one, or insert one there"
                )
            entry = entry_of(key, given)
            with at(key):
                distribution = _spread(entry, distributions)
            balancing = isinstance(distribution, Balance)
            if balancing and (why := _not_balancing(variable, inserted, combine(sets))):
                raise MechanismError(f"{key}: {why}")
            paint.append(Paint(variable, region, number_of(entry), distribution))
            with at(key):
                ties += tie_of(paint[-1].name, entry)
            if entry.bounds is not None:
                if not morphology.indices(region):
                    raise StudyError(
                        f"{key}: it is free, and the cell has no {region} section, so that nothing "
                        "depends on it. Leave it out, or give another morphology"
                    )
                parameters.append(free_parameter(key, paint[-1].name, entry))
    used = {one.distribution.name for one in paint if isinstance(one.distribution, Distribution)}
    for name, one in distributions.items():
        if isinstance(one, Distribution) and one.constants:
            if name not in used:
                raise StudyError(
                    f"{path}: distributions.{name}: no parameter uses it. Leave it out"
                )
            if name in (*morphology.region_names, *table.place):
                raise StudyError(
                    f"{path}: distributions.{name}: a region or something placed has this name, "
                    "and its parameters could not be told from theirs; take another one"
                )
    return tuple(paint), tuple(parameters), tuple(ties)


def _spread(
    entry: PaintTable, distributions: Mapping[str, Distribution | Profile]
) -> Distribution | Profile | Balance | Total | None:
    """Return what makes values of the segments from that of an entry."""
    if entry.at is not None and entry.total_uS is None:
        raise StudyError("at goes with total_uS alone: it says where the total is")
    if entry.total_uS is not None:
        return Total(None if entry.at is None else parse_site(entry.at))
    if entry.balance_mV is not None:
        return Balance()
    if entry.distribution is None:
        return None
    if entry.distribution not in distributions:
        raise StudyError(unknown("distribution", entry.distribution, distributions))
    return distributions[entry.distribution]


def _not_balancing(
    variable: str, inserted: Mapping[str, list[str]], pool: Mapping[str, Mechanism]
) -> str:
    """Return why no current follows a variable, or nothing if one may."""
    carried = {suffix for suffixes in inserted.values() for suffix in suffixes}
    for suffix in carried:
        one = pool[suffix]
        if variable in one.parameters:
            writes = any(f"i{ion.name}" in ion.writes for ion in one.ions)
            if one.parameters[variable].unit == "mV" and (one.nonspecific_currents or writes):
                return ""
    return (
        f"balance_mV is for the reversal potential (mV) of a mechanism with a current, such as "
        f"e_pas; {variable} is none"
    )


def _globals(
    path: Path, given: Mapping[str, Given]
) -> tuple[dict[str, float | None], tuple[Parameter, ...], tuple[Tie, ...]]:
    values, parameters, ties = {}, [], list[Tie]()
    for name, one in given.items():
        key = f"{path}: parameters.{GLOBAL}.{name}"
        entry = entry_of(key, one)
        if isinstance(entry, PaintTable) and entry.distribution is not None:
            raise StudyError(f"{key}: a GLOBAL has one value; no distribution can spread it")
        if isinstance(entry, PaintTable) and (entry.instead or entry.at is not None):
            raise StudyError(f"{key}: balance_mV, total_uS and at are for regions, not a GLOBAL")
        values[name] = number_of(entry)
        with at(key):
            ties += tie_of(name, entry)
        if entry.bounds is not None:
            parameters.append(free_parameter(key, name, entry))
    return values, tuple(parameters), tuple(ties)


def _distribution(
    path: Path, name: str, given: str | DistributionTable
) -> tuple[Distribution | Profile, list[Parameter], list[Tie]]:
    table = DistributionTable(expression=given) if isinstance(given, str) else given
    place = f"{path}: distributions.{name}"
    if (table.expression is None) == (table.factors is None):
        raise StudyError(f"{place}: give either an expression or factors")
    if table.factors is not None:
        if table.parameters:
            raise StudyError(f"{place}: parameters go with an expression alone")
        several = {n: tuple(f) if isinstance(f, list) else f for n, f in table.factors.items()}
        return Profile(name, several), [], []
    assert table.expression is not None
    constants, parameters, ties = {}, list[Parameter](), list[Tie]()
    for own, one in table.parameters.items():
        key = f"{place}.parameters.{own}"
        entry = entry_of(key, one)
        constants[own] = number_of(entry)
        with at(key):
            ties += tie_of(f"{own}.{name}", entry)
        if entry.bounds is not None:
            parameters.append(free_parameter(key, f"{own}.{name}", entry))
    with at(place):
        return Distribution(name, table.expression, table.at, constants), parameters, ties


def check_free(path: Path, recipe: CellRecipe) -> None:
    """Refuse free parameters on which nothing depends.

    Raises
    ------
    StudyError
        At the first, with its key in cell.toml and the reason.
    """
    read = {name for tie in recipe.ties for name in tie.reads}
    alone = {name for name in recipe.free if name not in read}
    for one in overruled(recipe):
        if one.paint.name in alone and one.sections == one.of:
            key = f"parameters.{one.paint.region}.{one.paint.variable}"
            raise StudyError(
                f"{path}: {key}: it is free, and nothing depends on it: {one.why}. Leave it out"
            )
    for paint, later in covered(recipe):
        if paint.name in alone:
            raise StudyError(
                f"{path}: parameters.{paint.region}.{paint.variable}: it is free, and nothing "
                f"depends on it: later regions ({', '.join(later)}) are painted over all of it. "
                "Leave it out, or put it behind them"
            )
