TITLE Sodium current of twelve states

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Scheme of Carter, Giessel, Sabatini & Bean (2012) Neuron 75: 1081-1093. Four sensors move in C1 to
C5, then the channel opens (O). I1 to I6 are the same with the inactivating particle bound, where
sensors go up easily and down with difficulty. A Q10 of 2.3 takes the rates (/ms, v in mV) from
37 degC to the temperature with which a run starts. Round the square C5, O, I6, I5 they do not
balance: a steady state has currents of probability, and is no product of ratios of rates.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX NaV
    USEION na READ ena WRITE ina
    RANGE gbar, ina
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
}

STATE {
    C1 C2 C3 C4 C5 O
    I1 I2 I3 I4 I5 I6
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    q (/ms)
    up (/ms)
    down (/ms)
}

INITIAL {
    q = 1(/ms)*2.3^((celsius - 37(degC))/10(degC))
    SOLVE gating STEADYSTATE sparse
}

BREAKPOINT {
    LOCAL gna
    CONDUCTANCE gna USEION na
    SOLVE gating METHOD sparse
    gna = gbar*O
    ina = gna*(v - ena)
}

UNITSOFF

: A bound particle makes sensors go up 2.51 times as fast, and down 5.32 times as slowly.
KINETIC gating {
    up = q*400*exp(v/24)
    down = q*12*exp(-v/24)

    ~ C1 <-> C2 (4*up, down)
    ~ C2 <-> C3 (3*up, 2*down)
    ~ C3 <-> C4 (2*up, 3*down)
    ~ C4 <-> C5 (up, 4*down)
    ~ C5 <-> O (q*250, q*60)

    ~ I1 <-> I2 (4*up*2.51, down/5.32)
    ~ I2 <-> I3 (3*up*2.51, 2*down/5.32)
    ~ I3 <-> I4 (2*up*2.51, 3*down/5.32)
    ~ I4 <-> I5 (up*2.51, 4*down/5.32)
    ~ I5 <-> I6 (q*250, q*60)

    ~ C1 <-> I1 (q*0.01, q*40)
    ~ C2 <-> I2 (q*0.01*2.51, q*40/5.32)
    ~ C3 <-> I3 (q*0.01*2.51^2, q*40/5.32^2)
    ~ C4 <-> I4 (q*0.01*2.51^3, q*40/5.32^3)
    ~ C5 <-> I5 (q*0.01*2.51^4, q*40/5.32^4)
    ~ O <-> I6 (q*8, q*0.05)

    CONSERVE C1 + C2 + C3 + C4 + C5 + O + I1 + I2 + I3 + I4 + I5 + I6 = 1
}

UNITSON
