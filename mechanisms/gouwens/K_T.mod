TITLE Transient potassium current

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Korngreen & Sakmann (2000).
Inside the rates v is in mV and time in ms. A Q10 of 2.3 takes them from 21 degC
to the temperature with which a run starts.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX K_T
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
    gk = gbar*m*m*m*m*h
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL x, inf, k
    x = (v + 71)/59
    inf = minf(v)
    k = q/(0.34 + 0.92*exp(-x*x))
    m' = k*(inf - m)

    x = (v + 73)/23
    inf = hinf(v)
    k = q/(8 + 49*exp(-x*x))
    h' = k*(inf - h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v + 47)/29))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 66)/10))
}

UNITSON
