TITLE Calcium pool of a shell below the membrane

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. After Destexhe, Mainen & Sejnowski (1994).
A share gamma of the whole calcium current stays free in a shell of the given depth, and leaves
it with the time constant decay. The pool has no initial value of its own: cai starts where the
calcium ion does (cai0_ca_ion, 5e-5 mM unless set).
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX CaDynamics_E2
    USEION ca READ ica WRITE cai
    RANGE gamma, decay, depth, minCAI
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    gamma = 0.05
    decay = 80 (ms)
    depth = 0.1 (um)
    minCAI = 1e-4 (mM)
}

STATE {
    cai (mM)
}

ASSIGNED {
    ica (mA/cm2)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

: 1e4 turns mA/cm2/(C/mol um) into mM/ms; the charge of the ion is 2.
DERIVATIVE states {
    cai' = -(1e4)*ica*gamma/(2*FARADAY*depth) - (cai - minCAI)/decay
}
