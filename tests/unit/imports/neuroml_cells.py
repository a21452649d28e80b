"""A small cell in NeuroML 2 with shape and values of ours, and files that spoil it."""

from pathlib import Path

HEAD = '<neuroml xmlns="http://www.neuroml.org/schema/neuroml2" id="doc">'
UNBRANCHED = 'neuroLexId="sao864921383"'
CHANNELS = f"""{HEAD}
    <ionChannelPassive id="leak" conductance="10pS"/>
    <ionChannelHH id="second_leak" conductance="10pS"><notes>no gates</notes></ionChannelHH>
    <ionChannelHH id="kslow" conductance="10pS" species="k">
        <gateHHrates id="n" instances="4"/>
    </ionChannelHH>
</neuroml>
"""
MORPHOLOGY = f"""
<morphology id="shape">
    <segment id="0" name="soma0">
        <proximal x="0" y="0" z="0" diameter="8"/><distal x="0" y="12" z="0" diameter="14"/>
    </segment>
    <segment id="1" name="soma1">
        <parent segment="0"/><distal x="0" y="20" z="0" diameter="9"/>
    </segment>
    <segment id="10" name="trunk0">
        <parent segment="1"/>
        <proximal x="0" y="20" z="0" diameter="3"/><distal x="3" y="120" z="4" diameter="2.5"/>
    </segment>
    <segment id="11" name="trunk1">
        <parent segment="10"/>
        <proximal x="3" y="120" z="4" diameter="2"/><distal x="3" y="300" z="-20" diameter="1.4"/>
    </segment>
    <segment id="12" name="oblique">
        <parent segment="11" fractionAlong="0.25"/><distal x="90" y="170" z="-2" diameter="0.7"/>
    </segment>
    <segment id="30" name="axon0">
        <parent segment="0" fractionAlong="0"/>
        <proximal x="0" y="0" z="0" diameter="1"/><distal x="-5" y="-90" z="0" diameter="0.8"/>
    </segment>
    <segment id="20" name="dend0">
        <parent segment="0" fractionAlong="0"/>
        <proximal x="4" y="0" z="0" diameter="1.8"/><distal x="80" y="-60" z="10" diameter="1.1"/>
    </segment>
    <segmentGroup id="soma" {UNBRANCHED}><member segment="0"/><member segment="1"/></segmentGroup>
    <segmentGroup id="trunk" {UNBRANCHED}>
        <property tag="numberInternalDivisions" value="9"/>
        <member segment="11"/><member segment="10"/>
    </segmentGroup>
    <segmentGroup id="oblique" {UNBRANCHED}>
        <annotation><property tag="numberInternalDivisions" value="4"/></annotation>
        <member segment="12"/>
    </segmentGroup>
    <segmentGroup id="dend" {UNBRANCHED}>
        <property tag="numberInternalDivisions" value="3"/>
        <member segment="20"/>
    </segmentGroup>
    <segmentGroup id="axon" {UNBRANCHED}><member segment="30"/></segmentGroup>
    <segmentGroup id="soma_group"><include segmentGroup="soma"/></segmentGroup>
    <segmentGroup id="axon_group"><include segmentGroup="axon"/></segmentGroup>
    <segmentGroup id="dendrite_group">
        <include segmentGroup="apical_dends"/><include segmentGroup="dend"/>
        <inhomogeneousParameter id="p_dendrites" variable="p" metric="Path Length from root"/>
    </segmentGroup>
    <segmentGroup id="apical_dends">
        <subTree><from segment="10"/></subTree>
        <inhomogeneousParameter id="r_apical" variable="r" metric="Path Length from root">
            <proximal translationStart="0"/><distal normalizationEnd="1"/>
        </inhomogeneousParameter>
    </segmentGroup>
    <segmentGroup id="way"><path><from segment="10"/><to segment="11"/></path></segmentGroup>
</morphology>
"""
LEAKS = """
<channelDensity id="everywhere" ionChannel="leak" condDensity="0.1 mS_per_cm2" erev="-70 mV"
    ion="non_specific"/>
<channelDensity id="more" ionChannel="second_leak" condDensity="3e-5 S_per_cm2" erev="-0.05 V"
    segmentGroup="soma_group" ion="k"/>
"""
SLOW = """
<channelDensity id="slow" ionChannel="kslow" condDensity="36 S_per_m2" erev="-80 mV" ion="k"
    segmentGroup="way"/>
"""
MEMBRANE = """
<spikeThresh value="-10 mV"/>
<specificCapacitance value="0.01 F_per_m2"/>
<specificCapacitance segmentGroup="dendrite_group" value="1.8 uF_per_cm2"/>
<initMembPotential value="-68 mV"/>
"""
INSIDE = '<resistivity value="0.12 kohm_cm"/>'
NONUNIFORM = """
<channelDensityNonUniform id="varying" ionChannel="leak" erev="-65 mV" ion="non_specific">
    <variableParameter parameter="condDensity" segmentGroup="dendrite_group">
        <inhomogeneousValue inhomogeneousParameter="p_dendrites"
            value="0.5 + 2 * H(p - 100) + exp(-p / 150)"/>
    </variableParameter>
</channelDensityNonUniform>
<channelDensity id="soma" ionChannel="leak" condDensity="0.2 mS_per_cm2" erev="-65 mV"
    segmentGroup="soma_group" ion="non_specific"/>
"""
"""A leak in S/m2 by the path length in um, and an even one in the soma; none in the axon."""


def cell(channels: str = LEAKS, inside: str = INSIDE, morphology: str = MORPHOLOGY) -> str:
    """Return the file of a cell."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
{HEAD}
    <include href="channels.nml"/>
    <cell id="small">
        {morphology}
        <biophysicalProperties id="bio">
            <membraneProperties>{channels}{MEMBRANE}</membraneProperties>
            <intracellularProperties>{inside}</intracellularProperties>
        </biophysicalProperties>
    </cell>
</neuroml>
"""


def write_cell(folder: Path, text: str | None = None) -> Path:
    """Write the file of a cell and that of its channels into a folder; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.cell.nml").write_text(text or cell())
    (folder / "channels.nml").write_text(gated(*MODS))
    return folder


def channel(suffix: str, use: str, current: str, parameters: str = "", given: str = "") -> str:
    """Return a .mod file of a channel with one conductance, `gbar` in S/cm2, and one gate."""
    return f"""NEURON {{
    SUFFIX {suffix}
    {use}
    RANGE gbar {given}
}}
UNITS {{ (S) = (siemens) (mV) = (millivolt) (mA) = (milliamp) (mM) = (milli/liter) }}
PARAMETER {{
    gbar = 0 (S/cm2)
    {parameters}
}}
ASSIGNED {{ v (mV) ek (mV) eca (mV) ik (mA/cm2) ica (mA/cm2) ih (mA/cm2) cai (mM) cao (mM) }}
STATE {{ n }}
BREAKPOINT {{
    SOLVE states METHOD cnexp
    {current}
}}
INITIAL {{ n = 0.5 }}
DERIVATIVE states {{ n' = (1 / (1 + exp(-(v + 30) / 9)) - n) / 5 }}
"""


MODS = {
    "kslow": channel("kslow", "USEION k READ ek WRITE ik", "ik = gbar * n * (v - ek)"),
    "kother": channel("kother", "USEION k READ ek WRITE ik", "ik = gbar * n * (v - ek)"),
    "kown": channel("kown", "USEION k WRITE ik", "ik = gbar * n * (v + 77)"),
    "kca": channel(
        "kca",
        "USEION ca READ cai\n USEION k READ ek WRITE ik",
        "ik = gbar * n * cai * (v - ek)",
    ),
    "cal": channel("cal", "USEION ca READ eca WRITE ica", "ica = gbar * n * (v - eca)"),
    "call": channel("call", "USEION ca READ eca WRITE ica", "ica = gbar * n * (v - eca)"),
    "caghk": channel(
        "caghk",
        "USEION ca READ cai, cao WRITE ica\n RANGE pbar",
        "ica = pbar * n * (cai - cao)",
        "pbar = 0 (cm/s)",
    ),
    "hcn": channel(
        "hcn",
        "NONSPECIFIC_CURRENT ih",
        "ih = gbar * n * (v - eh)",
        "eh = -40 (mV)\n    vShift = 0 (mV)",
        ", eh, vShift",
    ),
    "bare": channel(
        "bare", "NONSPECIFIC_CURRENT ih", "ih = gbar * n * (v - e)", given=", e"
    ).replace("ASSIGNED {", "ASSIGNED { e (mV)"),
    "shared": channel(
        "shared", "NONSPECIFIC_CURRENT ih\n GLOBAL eh", "ih = gbar * n * (v - eh)", "eh = -40 (mV)"
    ),
    "pool": """NEURON { SUFFIX pool USEION ca READ ica WRITE cai }
UNITS { (mA) = (milliamp) (mM) = (milli/liter) }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
BREAKPOINT { SOLVE states METHOD cnexp }
INITIAL { cai = 5e-5 }
DERIVATIVE states { cai' = -0.1 * ica - (cai - 5e-5) / 20 }
""",
}
"""Mechanisms of ours, by name."""


def density(
    channel: str, ion: str, group: str = "all", erev: str = "-80 mV", more: str = ""
) -> str:
    """Return a channelDensity of 1 mS/cm2."""
    return (
        f'<channelDensity id="{channel}_{group}" ionChannel="{channel}" segmentGroup="{group}" '
        f'condDensity="1 mS_per_cm2" erev="{erev}" ion="{ion}" {more}/>'
    )


def gated(*names: str) -> str:
    """Return the file of the channels, with more that have a gate."""
    more = "".join(f'<ionChannelHH id="{n}"><gateHHrates id="n"/></ionChannelHH>' for n in names)
    return CHANNELS.replace("</neuroml>", f"{more}</neuroml>")


def write_mechanisms(folder: Path, *names: str) -> Path:
    """Write some of the mechanisms into a folder and return it."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.mod").write_text(MODS[name])
    return folder
