TITLE Low voltage activated calcium current

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Avery & Johnston (1996) and Randall & Tsien (1997), as in Hay et al. (2011).
w = v + 10 corrects the published voltages for the junction potential.
Inside the rates v is in mV and time in ms. A Q10 of 2.3 takes them from 21 degC
to the temperature with which a run starts.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Ca_LVA
    USEION ca READ eca WRITE ica
    RANGE gbar, ica
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
    m h
}

ASSIGNED {
    v (mV)
    celsius (degC)
    eca (mV)
    ica (mA/cm2)
    q
}

INITIAL {
    q = 2.3^((celsius - 21(degC))/10(degC))
    m = minf(v)
    h = hinf(v)
}

BREAKPOINT {
    LOCAL gca
    CONDUCTANCE gca USEION ca
    SOLVE states METHOD cnexp
    gca = gbar*m*m*h
    ica = gca*(v - eca)
}

UNITSOFF

DERIVATIVE states {
    LOCAL w, inf, k
    w = v + 10
    inf = minf(v)
    k = q/(5 + 20/(1 + exp((w + 25)/5)))
    m' = k*(inf - m)

    inf = hinf(v)
    k = q/(20 + 50/(1 + exp((w + 40)/7)))
    h' = k*(inf - h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v + 10 + 30)/6))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 10 + 80)/6.4))
}

UNITSON
