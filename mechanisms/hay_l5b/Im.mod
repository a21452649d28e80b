TITLE Muscarinic potassium current

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. Kinetics after Adams, Brown & Constanti (1982).
Inside the rates v is in mV and time in ms. They do not read celsius: qt = 2.3^((34 - 21)/10)
takes rates measured at 21 degC to 34 degC, at any temperature of the run.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Im
    USEION k READ ek WRITE ik
    RANGE gImbar, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gImbar = 1e-5 (S/cm2)
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
    gk = gImbar*m
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL qt, e, a, b
    qt = 2.952882641412121

    e = exp(0.1*(v + 35))
    a = 3.3e-3*e
    b = 3.3e-3/e
    m' = qt*(a - (a + b)*m)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-0.2*(v + 35)))
}

UNITSON
