TITLE Slow calcium dependent potassium current of the CA3 pyramidal cell

COMMENT
Traub RD, Wong RKS, Miles R, Michelson H (1991) J Neurophysiol 66: 635-650. Inside the rates time
is in ms and chii is calcium in the arbitrary unit of this model (see capool_tr). They depend
neither on voltage nor on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX kahp_tr
    USEION k READ ek WRITE ik
    USEION chi READ chii VALENCE 2
    RANGE gbar, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.0008 (S/cm2)
}

STATE {
    q
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    chii (mM)
}

INITIAL {
    q = alpha_q(chii)/(alpha_q(chii) + 0.001)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*q
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a
    a = alpha_q(chii)
    q' = a - (a + 0.001)*q
}

FUNCTION alpha_q(chi (mM)) {
    IF (chi > 500) {
        alpha_q = 0.01
    } ELSE {
        alpha_q = 2e-5*chi
    }
}

UNITSON
