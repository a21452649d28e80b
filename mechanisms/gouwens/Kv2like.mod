TITLE Delayed rectifier potassium current, Kv2

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Keren, Peled & Korngreen (2005) and Liu & Bean (2014): two parts of equal size
inactivate at different rates. The published time constant of the slow one falls below that of
the fast one at -118.2 mV, and below 0 at -119 mV: there the two are equal here.
Inside the rates v is in mV and time in ms. A Q10 of 2.3 takes them from 21 degC
to the temperature with which a run starts.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Kv2like
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
    m h1 h2
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
    h1 = hinf(v)
    h2 = hinf(v)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*m*m*(h1 + h2)/2
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL x, a, b, fast, slow, inf
    a = alpha_m(v)
    b = beta_m(v)
    m' = (q/2.5)*(a - (a + b)*m)

    x = (v + 75)/48
    fast = 360 + (1010 + 23.7*(v + 54))*exp(-x*x)
    slow = 2350 + 1380*exp(-0.011*v) - 210*exp(-0.03*v)
    IF (slow < fast) {
        slow = fast
    }
    inf = hinf(v)
    h1' = q/fast*(inf - h1)
    h2' = q/slow*(inf - h2)
}

FUNCTION minf(v (mV)) {
    minf = alpha_m(v)/(alpha_m(v) + beta_m(v))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 58)/11))
}

FUNCTION alpha_m(v (mV)) {
    alpha_m = 0.12*11*linoid((v - 43)/11)
}

FUNCTION beta_m(v (mV)) {
    beta_m = 0.02*exp(-(v + 1.27)/120)
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
