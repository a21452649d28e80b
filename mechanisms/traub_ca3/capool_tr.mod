TITLE Calcium pool of a compartment of the CA3 pyramidal cell

COMMENT
Traub RD, Wong RKS, Miles R, Michelson H (1991) J Neurophysiol 66: 635-650.
chi is calcium in an arbitrary unit. It is an ion to NEURON, which calls it chii, its current ichi
and its unit mM. The whole current of the compartment in nA fills the pool, so phi belongs to the
area of the compartment that it was given for.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX capool_tr
    USEION chi READ ichi WRITE chii VALENCE 2
    RANGE phi, beta
}

UNITS {
    (mA) = (milliamp)
    (nA) = (nanoamp)
    (mM) = (milli/liter)
    (um) = (micron)
}

PARAMETER {
    phi = 17.402 (mM/nA/ms)
    beta = 0.075 (/ms)
}

STATE {
    chii (mM)
}

ASSIGNED {
    ichi (mA/cm2)
    area (um2)
}

INITIAL {
    chii = 0
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

: 0.01 turns mA/cm2 um2 into nA.
DERIVATIVE states {
    chii' = -(0.01)*phi*ichi*area - beta*chii
}
