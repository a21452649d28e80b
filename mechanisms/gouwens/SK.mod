TITLE Calcium activated potassium current, small conductance

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Kohler et al. (1996), as in Hay et al. (2011).
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX SK
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, zTau, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
    zTau = 1 (ms)
}

STATE {
    z
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
}

INITIAL {
    z = zinf(cai)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*z
    ik = gk*(v - ek)
}

DERIVATIVE states {
    LOCAL inf
    inf = zinf(cai)
    z' = (inf - z)/zTau
}

UNITSOFF

: Half open at 0.43 uM. Without calcium the power has no value, so 0.1 nM are then added.
FUNCTION zinf(ca (mM)) {
    LOCAL c
    c = ca
    IF (c < 1e-7) {
        c = c + 1e-7
    }
    zinf = 1/(1 + (4.3e-4/c)^4.8)
}

UNITSON
