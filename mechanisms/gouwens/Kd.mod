TITLE Slowly inactivating potassium current, Kv1

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Foust et al. (2011).
Inside the rates v is in mV and time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Kd
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
    m h
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
}

INITIAL {
    m = minf(v)
    h = hinf(v)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*m*h
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL inf
    inf = minf(v)
    m' = inf - m
    inf = hinf(v)
    h' = (inf - h)/1500
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v + 43)/8))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 67)/7.3))
}

UNITSON
