TITLE Calcium pool of a shell below the membrane

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
After Destexhe, Mainen & Sejnowski (1994). A share gamma of the whole calcium current stays free in
a shell of the given depth, and leaves it with the time constant decay. The pool starts at minCai.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX CaDynamics
    USEION ca READ ica WRITE cai
    RANGE gamma, decay, depth, minCai
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
    minCai = 1e-4 (mM)
}

STATE {
    cai (mM)
}

ASSIGNED {
    ica (mA/cm2)
}

INITIAL {
    cai = minCai
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

: 1e4 turns mA/cm2/(C/mol um) into mM/ms; the charge of the ion is 2.
DERIVATIVE states {
    cai' = -(1e4)*ica*gamma/(2*FARADAY*depth) - (cai - minCai)/decay
}
