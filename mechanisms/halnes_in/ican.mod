TITLE Calcium activated cation current of the thalamic interneuron

COMMENT
Halnes G, Augustinaite S, Heggelund P, Einevoll GT, Migliore M (2011) PLoS Comput Biol 7(9):
e1002160, doi:10.1371/journal.pcbi.1002160.
Inside the rates Cai is in mM and time in ms; the temperature factor, 1 at 22 degC, is taken at the
start of a run.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX ican
    USEION Ca READ Cai VALENCE 2
    NONSPECIFIC_CURRENT i
    RANGE gbar, erev, i
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (S) = (siemens)
}

PARAMETER {
    gbar = 2e-8 (S/cm2)
    erev = 10 (mV)
}

STATE {
    m
}

ASSIGNED {
    v (mV)
    celsius (degC)
    i (mA/cm2)
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
    LOCAL gcation
    CONDUCTANCE gcation
    SOLVE states METHOD cnexp
    gcation = gbar*m*m
    i = gcation*(v - erev)
}

UNITSOFF

: The time constant does not fall below 0.1 ms.
DERIVATIVE states {
    LOCAL c, k
    c = bound(Cai)
    k = q*0.003*(1 + c)
    IF (k > 10) {
        k = 10
    }
    m' = k*(c/(1 + c) - m)
}

: Calcium relative to its value at half activation, 0.11 uM; eight ions bind.
FUNCTION bound(ca (mM)) {
    LOCAL c, c4
    c = ca/1.1e-4(mM)
    c4 = c*c*c*c
    bound = c4*c4
}

UNITSON
