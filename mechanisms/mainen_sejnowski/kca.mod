TITLE Potassium current of calcium of neocortical pyramidal cells

COMMENT
Mainen ZF, Sejnowski TJ (1996) Nature 382: 363-366, as in van Elburg RAJ, van Ooyen A (2010) PLoS
Comput Biol 6(5): e1000781. The rates are those of 23 degC; a Q10 of 2.3 takes them to celsius, and
the conductance with them.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX kca_ms
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (S) = (siemens)
}

PARAMETER {
    gbar = 3e-4 (S/cm2)
    opening = 0.01 (/ms/mM)
    closing = 0.02 (/ms)
}

STATE {
    n
}

ASSIGNED {
    v (mV)
    celsius (degC)
    cai (mM)
    ek (mV)
    ik (mA/cm2)
}

INITIAL {
    n = opening*cai/(opening*cai + closing)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = tadj(celsius)*gbar*n
    ik = gk*(v - ek)
}

DERIVATIVE states {
    n' = tadj(celsius)*(opening*cai - (opening*cai + closing)*n)
}

FUNCTION tadj(celsius (degC)) {
    UNITSOFF
    tadj = 2.3^((celsius - 23)/10)
    UNITSON
}
