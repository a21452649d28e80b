TITLE Calcium pool of a shell below the membrane

COMMENT
Mainen ZF, Sejnowski TJ (1996) Nature 382: 363-366, as in van Elburg RAJ, van Ooyen A (2010) PLoS
Comput Biol 6(5): e1000781. After Destexhe, Mainen & Sejnowski (1994). Calcium that flows in stays
in a shell and decays to its rest; a current outwards takes nothing away. The pool has no initial
value of its own: cai starts where the calcium ion does (cai0_ca_ion, 5e-5 mM unless set).
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX cad_ms
    USEION ca READ ica WRITE cai
    RANGE depth, tau, rest
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    depth = 0.1 (um)
    tau = 200 (ms)
    rest = 1e-4 (mM)
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

DERIVATIVE states {
    cai' = inflow(ica) - (cai - rest)/tau
}

: 1e4 turns mA/cm2/(C/mol um) into mM/ms; the charge of the ion is 2.
FUNCTION inflow(ica (mA/cm2)) (mM/ms) {
    inflow = -(1e4)*ica/(2*FARADAY*depth)
    IF (inflow < 0) {
        inflow = 0
    }
}
