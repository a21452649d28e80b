TITLE Persistent potassium current

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Korngreen & Sakmann (2000). The published time constant of m has a small step
(8e-6 of it) at -50 mV.
Inside the rates v is in mV and time in ms. A Q10 of 2.3 takes them from 21 degC
to the temperature with which a run starts.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX K_P
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
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    q
}

INITIAL {
    q = 2.3^((celsius - 21(degC))/10(degC))
    m = minf(v)
    h = hinf(v)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*m*m*h
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL x, c, s, inf, k
    IF (v < -50) {
        c = 175.03
        s = 0.026
    } ELSE {
        c = 13
        s = -0.026
    }
    inf = minf(v)
    k = q/(1.25 + c*exp(s*v))
    m' = k*(inf - m)

    x = (v + 75)/48
    inf = hinf(v)
    k = q/(360 + (1010 + 24*(v + 55))*exp(-x*x))
    h' = k*(inf - h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v + 14.3)/14.6))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 54)/11))
}

UNITSON
