TITLE Calcium current of the CA3 pyramidal cell

COMMENT
Traub RD, Wong RKS, Miles R, Michelson H (1991) J Neurophysiol 66: 635-650. The paper counts
voltage from the rest at -60 mV; here v is the membrane voltage. Inside the rates v is in mV and
time in ms. They do not depend on temperature.

The calcium of this model has an arbitrary unit, so its current belongs to an ion of its own,
chi: ichi feeds the pool capool_tr, and nothing changes the reversal potential.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX ca_tr
    USEION chi WRITE ichi VALENCE 2
    RANGE gbar, erev, ichi
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.004 (S/cm2)
    erev = 80 (mV)
}

STATE {
    s r
}

ASSIGNED {
    v (mV)
    ichi (mA/cm2)
}

INITIAL {
    s = alpha_s(v)/(alpha_s(v) + beta_s(v))
    r = alpha_r(v)/0.005
}

BREAKPOINT {
    LOCAL gca
    CONDUCTANCE gca USEION chi
    SOLVE states METHOD cnexp
    gca = gbar*s*s*r
    ichi = gca*(v - erev)
}

UNITSOFF

: The two rates of r add up to 0.005 /ms at every voltage.
DERIVATIVE states {
    LOCAL a, b
    a = alpha_s(v)
    b = beta_s(v)
    s' = a - (a + b)*s

    a = alpha_r(v)
    r' = a - 0.005*r
}

FUNCTION alpha_s(v (mV)) {
    alpha_s = 1.6/(1 + exp(-0.072*(v - 5)))
}

FUNCTION beta_s(v (mV)) {
    beta_s = 0.02*5*linoid(-(v + 8.9)/5)
}

FUNCTION alpha_r(v (mV)) {
    IF (v > -60) {
        alpha_r = 0.005*exp(-(v + 60)/20)
    } ELSE {
        alpha_r = 0.005
    }
}

: x/(1 - exp(-x)); near x = 0, where that is 0/0, its series (error below 1e-16).
FUNCTION linoid(x) {
    LOCAL e
    e = exp(-x)
    IF (fabs(x) < 0.01) {
        linoid = 1 + x*(1/2 + x*(1/12 - x*x/720))
    } ELSE {
        linoid = x/(1 - e)
    }
}

UNITSON
