TITLE Transient (A type) potassium current of the CA3 pyramidal cell

COMMENT
Traub RD, Wong RKS, Miles R, Michelson H (1991) J Neurophysiol 66: 635-650. The paper counts
voltage from the rest at -60 mV; here v is the membrane voltage. Inside the rates v is in mV and
time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX ka_tr
    USEION k READ ek WRITE ik
    RANGE gbar, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.005 (S/cm2)
}

STATE {
    a b
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
}

INITIAL {
    a = alpha_a(v)/(alpha_a(v) + beta_a(v))
    b = alpha_b(v)/(alpha_b(v) + beta_b(v))
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*a*b
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL opening, closing
    opening = alpha_a(v)
    closing = beta_a(v)
    a' = opening - (opening + closing)*a

    opening = alpha_b(v)
    closing = beta_b(v)
    b' = opening - (opening + closing)*b
}

FUNCTION alpha_a(v (mV)) {
    alpha_a = 0.02*10*linoid((v + 46.9)/10)
}

FUNCTION beta_a(v (mV)) {
    beta_a = 0.0175*10*linoid(-(v + 19.9)/10)
}

FUNCTION alpha_b(v (mV)) {
    alpha_b = 0.0016*exp(-(v + 73)/18)
}

FUNCTION beta_b(v (mV)) {
    beta_b = 0.05/(1 + exp(-(v + 49.9)/5))
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
