TITLE Calcium activated potassium current of the thalamic interneuron

COMMENT
Halnes G, Augustinaite S, Heggelund P, Einevoll GT, Migliore M (2011) PLoS Comput Biol 7(9):
e1002160, doi:10.1371/journal.pcbi.1002160.
Inside the rates Cai is in mM and time in ms; the temperature factor, 1 at 22 degC, is taken at the
start of a run.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX iahp
    USEION k READ ek WRITE ik
    USEION Ca READ Cai VALENCE 2
    RANGE gkbar, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (S) = (siemens)
}

PARAMETER {
    gkbar = 6.4e-5 (S/cm2)
}

STATE {
    m
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    Cai (mM)
    q
}

INITIAL {
    LOCAL c
    q = 3^((celsius - 22(degC))/10(degC))
    c = bound(Cai)
    m = c/(1 + c)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gkbar*m*m
    ik = gk*(v - ek)
}

UNITSOFF

: The time constant does not fall below 1 ms.
DERIVATIVE states {
    LOCAL c, k
    c = bound(Cai)
    k = q*(1 + c)/50
    IF (k > 1) {
        k = 1
    }
    m' = k*(c/(1 + c) - m)
}

: Calcium relative to its value at half activation, 0.43 uM; two ions bind.
FUNCTION bound(ca (mM)) {
    LOCAL c
    c = ca/4.3478e-4(mM)
    bound = c*c
}

UNITSON
