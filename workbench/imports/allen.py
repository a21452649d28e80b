"""Biophysical models of the Allen Cell Types Database: a fit file, an SWC file, a manifest.

The rules are those with which AllenSDK and BMTK load them (Gouwens et al. 2018, Nat Commun 9:710;
Billeh et al. 2020, Neuron 106:388): the axon is replaced by two cylinders, passive values and the
genome are painted by region, reversal potentials are set at the end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from os.path import realpath
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from workbench.errors import InputError, unknown
from workbench.imports.source import Foreign, Source, only, region_of, tables
from workbench.imports.study import Imported
from workbench.mechanisms import Mechanism, combine, read_mechanisms
from workbench.morphology import Morphology, load_morphology

Kind = Literal["perisomatic", "all-active"]
_REGIONS = {"soma": "somatic", "axon": "axonal", "dend": "basal", "apic": "apical"}
_GLOBAL = "glob"


class _Capacitance(Foreign):
    section: str
    cm: float


class _Passive(Foreign):
    ra: float | None = None
    e_pas: float | None = None
    cm: list[_Capacitance] = Field(default_factory=list)


class _Reversal(Foreign):
    section: str
    ena: float
    ek: float


class _Conditions(Foreign):
    celsius: float
    v_init: float
    erev: list[_Reversal] = Field(default_factory=list)


class _Gene(Foreign):
    section: str
    name: str
    value: float
    mechanism: str = ""


class _Fitting(Foreign):
    junction_potential: float = 0.0


class _Fit(Foreign):
    passive: list[_Passive]
    conditions: list[_Conditions]
    genome: list[_Gene]
    fitting: list[_Fitting] = Field(default_factory=list)


class _Biophysics(Foreign):
    model_file: list[str] = Field(default_factory=list)
    model_type: str = ""


class _Entry(Foreign):
    key: str = ""
    spec: str = ""


class _Manifest(Foreign):
    biophys: list[_Biophysics] = Field(default_factory=list)
    manifest: list[_Entry] = Field(default_factory=list)


def read_allen(source: Source) -> Imported:
    """Return the model of a fit file.

    Raises
    ------
    InputError
        If files are missing or cannot be read, or the study would be another model.
    """
    manifest = _manifest(source)
    path, swc, folder = _fit_file(source, manifest), _swc(source, manifest), _mod(source, manifest)
    found = allen_model(path, swc, folder, _kind(path, manifest))
    recorded = [f"The sweeps in {file.name} were not read." for file in source.files(".nwb")[:1]]
    return replace(found, done=[*found.done, *_DECIDED], unsaid=[*found.unsaid, *recorded])


def allen_model(path: Path, swc: Path, folder: Path, kind: Kind | None) -> Imported:
    """Return the model of a fit file, whoever told of its files.

    Parameters
    ----------
    path, swc, folder
        The fit, the reconstruction, the folder of the .mod files.
    kind
        None if nobody says: then it is told by where its channels are.

    Raises
    ------
    InputError
        If files cannot be read, or the study would be another model.
    """
    fit: _Fit = tables(path, _Fit)
    for name in ("passive", "conditions"):
        if len(getattr(fit, name)) != 1:
            raise InputError(f"{path}: {name} is a list of one table")
    [passive], [conditions] = fit.passive, fit.conditions
    pool = combine((read_mechanisms(folder),))
    morphology = load_morphology(swc)
    kind = kind or _by_channels(fit)
    cell_wide = _globals(path, fit, pool)
    genome = [gene for gene in fit.genome if gene.section != _GLOBAL]
    inserted = _inserted(path, genome, folder, pool)
    parameters = _parameters(path, passive, genome)
    _reverse(path, conditions, inserted, pool, parameters)
    _check_axon(swc, kind, morphology)
    cell = {
        "conditions": {
            "celsius_degC": conditions.celsius,
            "v_init_mV": conditions.v_init,
            "segments": {"max_length_um": 40.0},
        },
        "morphology": {"file": swc, "edit": [{"type": "stub-axon", "like": f"allen-{kind}"}]},
        "mechanisms": {"folders": [folder], "insert": inserted},
        "parameters": {**parameters, **({"global": cell_wide} if cell_wide else {})},
    }
    told = path.stem.removesuffix("_fit")
    name = path.parent.resolve().name if told == "fit_parameters" else told
    return Imported(
        "allen",
        name,
        f"{name}, {_article(kind)} model of the Allen Cell Types Database",
        f"Morphology {swc.stem}.",
        str(path.resolve()),
        cell,
        _PROTOCOLS,
        integrator={"cvode_atol": 1e-6},
        done=list(_done(fit, kind, morphology, cell_wide)),
        unsaid=list(_unsaid(fit)),
    )


_PROTOCOLS: Mapping[str, Any] = {
    "step": {
        "duration_ms": 1700.0,
        "parameters": {"amplitude_nA": 0.1},
        "recordings": {"soma": "soma(0.5)"},
        "stimuli": [
            {
                "type": "step",
                "site": "soma(0.5)",
                "delay_ms": 500.0,
                "duration_ms": 1000.0,
                "amplitude_nA": "amplitude_nA",
            }
        ],
    }
}


def _article(kind: Kind) -> str:
    return "a perisomatic" if kind == "perisomatic" else "an all-active"


def _manifest(source: Source) -> _Manifest:
    path = source.folder / "manifest.json"
    return tables(path, _Manifest) if path.is_file() else _Manifest()


def _named(source: Source, given: str) -> Path:
    """Return a path of the manifest's, which stays inside the model's folder."""
    path = source.folder / given
    if not Path(realpath(path)).is_relative_to(source.folder.resolve()):
        raise InputError(
            f"{source.folder / 'manifest.json'}: {given} lies outside of the model's folder; name "
            "files that lie elsewhere with --morphology and --mechanisms"
        )
    return path


def _fit_file(source: Source, manifest: _Manifest) -> Path:
    if source.path.is_file():
        return source.path
    named = [name for one in manifest.biophys for name in one.model_file if "manifest" not in name]
    if named:
        return _named(source, named[0])
    found = source.files("_fit.json", "fit_parameters.json")
    instead = "name the file itself: workbench import allen FILE"
    return only("fit file (*_fit.json, fit_parameters.json)", found, source.folder, instead)


def _swc(source: Source, manifest: _Manifest) -> Path:
    if source.morphology:
        return source.morphology
    named = [one.spec for one in manifest.manifest if one.key == "MORPHOLOGY" and one.spec]
    if named:
        return _named(source, named[0])
    found = source.files(".swc", ".asc")
    return only("morphology", found, source.folder, "name it with --morphology FILE")


def _mod(source: Source, manifest: _Manifest) -> Path:
    if source.mechanisms:
        return source.mechanisms
    named = [one.spec for one in manifest.manifest if one.key == "MODFILE_DIR" and one.spec]
    if named:
        return _named(source, named[0])
    found = {file.parent for file in source.files(".mod")}
    instead = "name it with --mechanisms FOLDER"
    return only("folder of .mod files", found, source.folder, instead)


def _kind(path: Path, manifest: _Manifest) -> Kind | None:
    for told in (one.model_type.lower() for one in manifest.biophys if one.model_type):
        if "perisomatic" in told:
            return "perisomatic"
        if "active" in told:
            return "all-active"
        raise InputError(
            f"{path.parent / 'manifest.json'}: model_type is {told!r}; models that are perisomatic "
            "or all active can be imported"
        )
    return None


def _by_channels(fit: _Fit) -> Kind:
    active = {gene.section for gene in fit.genome if gene.mechanism} - {_GLOBAL}
    return "perisomatic" if active <= {"soma"} else "all-active"


def _globals(path: Path, fit: _Fit, pool: Mapping[str, Mechanism]) -> dict[str, float]:
    """Return the GLOBALs of mechanisms that the genome sets, but for those at their own value.

    Raises
    ------
    InputError
        If no mechanism has one of the name.
    """
    own = {
        f"{parameter.name}_{one.suffix}": parameter.default
        for one in pool.values()
        for parameter in one.global_parameters
    }
    given = {gene.name: gene.value for gene in fit.genome if gene.section == _GLOBAL}
    for name in sorted(given.keys() - own.keys()):
        raise InputError(f"{path}: genome: glob: {unknown('GLOBAL', name, own)}")
    return {name: value for name, value in given.items() if value != own[name]}


def _inserted(
    path: Path, genome: list[_Gene], folder: Path, pool: Mapping[str, Mechanism]
) -> dict[str, list[str]]:
    inserted: dict[str, list[str]] = {"all": ["pas"]}
    for gene in genome:
        region = region_of(gene.section, _REGIONS, f"{path}: genome: {gene.name}")
        if not gene.mechanism or gene.mechanism == "pas":
            continue
        if gene.mechanism not in pool:
            raise InputError(f"{path}: genome: {folder} has no mechanism {gene.mechanism}")
        if gene.mechanism not in inserted.setdefault(region, []):
            inserted[region].append(gene.mechanism)
    return inserted


def _parameters(path: Path, passive: _Passive, genome: list[_Gene]) -> dict[str, dict[str, float]]:
    everywhere = {"Ra": passive.ra, "e_pas": passive.e_pas}
    parameters = {"all": {name: v for name, v in everywhere.items() if v is not None}}
    for one in passive.cm:
        region = region_of(one.section, _REGIONS, f"{path}: passive: cm")
        parameters.setdefault(region, {})["cm"] = one.cm
    for gene in genome:
        parameters.setdefault(_REGIONS[gene.section], {})[gene.name] = gene.value
    return parameters


def _reverse(
    path: Path,
    conditions: _Conditions,
    inserted: Mapping[str, list[str]],
    pool: Mapping[str, Mechanism],
    parameters: dict[str, dict[str, float]],
) -> None:
    """Add the reversal potentials of the ions that a region has."""
    for one in conditions.erev:
        region = region_of(one.section, _REGIONS, f"{path}: conditions: erev")
        ions = {ion.name for suffix in inserted.get(region, []) for ion in pool[suffix].ions}
        for ion, value in (("na", one.ena), ("k", one.ek)):
            if ion in ions:
                parameters.setdefault(region, {})[f"e{ion}"] = value


def _check_axon(swc: Path, kind: Kind, morphology: Morphology) -> None:
    if kind == "all-active" and not morphology.indices("axonal"):
        raise InputError(
            f"{swc}: an all-active model takes the diameters of its axon's stub from the "
            "reconstructed axon, and there is none"
        )


_DECIDED = (
    "Perisomatic and all-active models are told apart by the manifest if there is one, else by "
    "where the channels are.",
    "Sections are cut into 1 + 2 int(L / 40 um) segments.",
    "The protocol `step` is a long square of 1 s such as the database has; `--with "
    "amplitude_nA=0.15` gives it another current.",
    "CVODE at 1e-6: NaV is not converged at a fixed step of 0.025 ms.",
)
_STUBS: Mapping[Kind, str] = {
    "perisomatic": "Two cylinders of 30 um, 1 um thick, on soma(0.5) for the axon.",
    "all-active": (
        "Two cylinders of 30 um on soma(1) for the axon, as thick as its first and its last "
        "section (the rule of BMTK; AllenSDK takes the first section beyond 60 um for the second). "
        "For the whole axon leave out the edit `stub-axon`."
    ),
}


def _done(
    fit: _Fit, kind: Kind, morphology: Morphology, cell_wide: Mapping[str, float]
) -> Iterator[str]:
    yield _STUBS[kind]
    yield (
        "`pas` is everywhere; the values of `passive`, of the genome and of `conditions` are "
        "painted in this order. All are fixed: write a pair `[low, high]` in cell.toml for what a "
        "fit may choose."
    )
    told = {one.section for one in fit.passive[0].cm}
    told |= {gene.section for gene in fit.genome if gene.name == "cm"}
    bare = [s for s, r in _REGIONS.items() if morphology.indices(r) and s not in told]
    if bare and kind == "perisomatic":
        yield f"The file has no cm for {', '.join(bare)}: it is NEURON's 1 uF/cm2 there."
    if kind == "all-active" and (fit.passive[0].cm or fit.passive[0].e_pas is not None):
        yield "cm and e_pas of `passive` are painted, as BMTK does; AllenSDK leaves them out."
    if cell_wide:
        yield f"The genome sets {', '.join(cell_wide)}, as AllenSDK does; BMTK leaves them out."


def _unsaid(fit: _Fit) -> Iterator[str]:
    for one in fit.fitting[:1]:
        if one.junction_potential:
            yield (
                f"The fit corrected its recordings for a liquid junction potential of "
                f"{one.junction_potential:g} mV. The model has the corrected voltage: add that "
                "much to a recording as it is stored before the two are compared."
            )
    yield "The targets of the fit are not in its file, so targets.toml is empty."
