TITLE Low threshold (T type) calcium current of the thalamic interneuron

COMMENT
Halnes G, Augustinaite S, Heggelund P, Einevoll GT, Migliore M (2011) PLoS Comput Biol 7(9):
e1002160, doi:10.1371/journal.pcbi.1002160.
Ca is an ion of its own, apart from ca of NEURON. The published runs do not set Cao, which so is
1 mM, the value of any ion that NEURON does not know.
Inside the rates v is in mV and time in ms; the temperature factors, 1 at 23.5 degC, are taken at
the start of a run. There is no CONDUCTANCE statement, because the current is not linear in v.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX it2
    USEION Ca READ Cai, Cao WRITE iCa VALENCE 2
    RANGE gcabar, iCa
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}

: The papers call it a conductance; the equation makes it a permeability.
PARAMETER {
    gcabar = 1.17e-5 (cm/s)
}

STATE {
    m h
}

ASSIGNED {
    v (mV)
    celsius (degC)
    Cai (mM)
    Cao (mM)
    iCa (mA/cm2)
    thermal (mV)
    qm
    qh
}

INITIAL {
    thermal = (1000)*R*(celsius + 273.15(degC))/(2*FARADAY)
    qm = 3^((celsius - 23.5(degC))/10(degC))
    qh = 1.5^((celsius - 23.5(degC))/10(degC))
    m = minf(v)
    h = hinf(v)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    iCa = gcabar*m*m*h*ghk(v, Cai, Cao)
}

UNITSOFF

DERIVATIVE states {
    LOCAL inf, k
    inf = minf(v)
    k = qm/(5.4 + 1/(exp(-(v + 117.7)/19.7) + exp((v - 8.54)/13)))
    m' = k*(inf - m)

    inf = hinf(v)
    k = qh/(21 + 1/(exp((v + 22.2)/9.1) + exp(-(v + 362.9)/46.9)))
    h' = k*(inf - h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v + 38.2)/8.7))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 69.7)/6.4))
}

: Goldman, Hodgkin & Katz: the current of a permeability of 1 cm/s; 0.001 turns C mM/s into mA/cm2.
FUNCTION ghk(v (mV), inside (mM), outside (mM)) (mA s/cm3) {
    LOCAL x, e
    x = v/thermal
    e = linoid(-x)
    ghk = (0.001)*2*FARADAY*((e + x)*inside - e*outside)
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
