TITLE Calcium pool below the membrane, thalamic interneuron

COMMENT
Halnes G, Augustinaite S, Heggelund P, Einevoll GT, Migliore M (2011) PLoS Comput Biol 7(9):
e1002160, doi:10.1371/journal.pcbi.1002160.
Calcium that flows in stays in the pool; what flows out is not taken from it. The pool decays to
Cainf with the time constant tau.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX capool_in
    USEION Ca READ iCa WRITE Cai VALENCE 2
    RANGE k, tau, Cainf
}

UNITS {
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

: k is 3 % of 1e4/(2 F 0.1 um): what stays free in a shell 0.1 um deep.
PARAMETER {
    k = 0.0155458135 (mM cm2/mA/ms)
    tau = 50 (ms)
    Cainf = 5e-5 (mM)
}

STATE {
    Cai (mM)
}

ASSIGNED {
    iCa (mA/cm2)
}

INITIAL {
    Cai = Cainf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

DERIVATIVE states {
    Cai' = -k*inward(iCa) - (Cai - Cainf)/tau
}

UNITSOFF

FUNCTION inward(i (mA/cm2)) (mA/cm2) {
    IF (i < 0) {
        inward = i
    } ELSE {
        inward = 0
    }
}

UNITSON
