TITLE Muscarinic potassium current, second version

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Vervaeke, Hu, Graham & Storm (2006).
Inside the rates v is in mV and time in ms. A Q10 of 2.3 takes them from 30 degC
to the temperature with which a run starts.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Im_v2
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
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    q
}

INITIAL {
    q = 2.3^((celsius - 30(degC))/10(degC))
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
    LOCAL a, b, inf, k
    a = 0.007*exp(6*0.4*(v + 48)/26.12)
    b = 0.007*exp(-6*0.6*(v + 48)/26.12)
    inf = a/(a + b)
    k = q/(15 + 1/(a + b))
    m' = k*(inf - m)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-6*(v + 48)/26.12))
}

UNITSON
