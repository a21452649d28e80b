TITLE Hyperpolarisation activated cation current of the thalamic interneuron

COMMENT
Halnes G, Augustinaite S, Heggelund P, Einevoll GT, Migliore M (2011) PLoS Comput Biol 7(9):
e1002160, doi:10.1371/journal.pcbi.1002160.
Inside the rates v is in mV and time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX iar
    NONSPECIFIC_CURRENT i
    RANGE ghbar, erev, i
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    ghbar = 1.1e-4 (S/cm2)
    erev = -44 (mV)
}

STATE {
    h
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

INITIAL {
    h = hinf(v)
}

BREAKPOINT {
    LOCAL gcation
    CONDUCTANCE gcation
    SOLVE states METHOD cnexp
    gcation = ghbar*h
    i = gcation*(v - erev)
}

UNITSOFF

DERIVATIVE states {
    LOCAL inf, k
    inf = hinf(v)
    k = exp(-(v + 250)/30.7)*(1 + exp((v + 78.8)/5.78))
    h' = k*(inf - h)
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 96)/10))
}

UNITSON
