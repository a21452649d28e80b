TITLE Muscarinic potassium current

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Adams, Brown & Constanti (1982).
Inside the rates v is in mV and time in ms. A Q10 of 2.3 takes them from 21 degC
to the temperature with which a run starts.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Im
    USEION k READ ek WRITE ik
    RANGE gbar, ik
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
    m
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    q
}

INITIAL {
    q = 2.3^((celsius - 21(degC))/10(degC))
    m = minf(v)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*m
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL e, a, b
    e = exp(0.1*(v + 35))
    a = 3.3e-3*e
    b = 3.3e-3/e
    m' = q*(a - (a + b)*m)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-0.2*(v + 35)))
}

UNITSON
