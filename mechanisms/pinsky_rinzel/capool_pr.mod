TITLE Calcium pool of the dendrite of the two-compartment CA3 cell

COMMENT
Pinsky PF, Rinzel J (1994) J Comput Neurosci 1: 39-60.
chi is calcium in an arbitrary unit. It is an ion to NEURON, which calls it chii, its current ichi
and its unit mM. The density of its current in uA/cm2 fills the pool.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX capool_pr
    USEION chi READ ichi WRITE chii VALENCE 2
    RANGE phi, beta
}

UNITS {
    (mA) = (milliamp)
    (uA) = (microamp)
    (mM) = (milli/liter)
}

PARAMETER {
    phi = 0.13 (mM cm2/uA/ms)
    beta = 0.075 (/ms)
}

STATE {
    chii (mM)
}

ASSIGNED {
    ichi (mA/cm2)
}

INITIAL {
    chii = 0
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

: 1000 turns mA/cm2 into uA/cm2.
DERIVATIVE states {
    chii' = -(1000)*phi*ichi - beta*chii
}
