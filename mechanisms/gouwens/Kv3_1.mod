TITLE Fast non-inactivating potassium current, Kv3.1

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Rettig et al. (1992), as in Hay et al. (2011).
Inside the rates v is in mV and time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Kv3_1
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
    ek (mV)
    ik (mA/cm2)
}

INITIAL {
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
    LOCAL inf, k
    inf = minf(v)
    k = (1 + exp(-(v + 46.56)/44.14))/4
    m' = k*(inf - m)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v - 18.7)/9.7))
}

UNITSON
