TITLE High threshold (L type) calcium current of the thalamic interneuron

COMMENT
Halnes G, Augustinaite S, Heggelund P, Einevoll GT, Migliore M (2011) PLoS Comput Biol 7(9):
e1002160, doi:10.1371/journal.pcbi.1002160. After Huguenard & McCormick (1992).
Ca is an ion of its own, apart from ca of NEURON. The published runs do not set Cao, which so is
1 mM, the value of any ion that NEURON does not know.
Inside the rates v is in mV and time in ms; the temperature factor, 1 at 21 degC, is taken at the
start of a run. There is no CONDUCTANCE statement, because the current is not linear in v.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX ical
    USEION Ca READ Cai, Cao WRITE iCa VALENCE 2
    RANGE pcabar, iCa
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}

PARAMETER {
    pcabar = 9e-4 (cm/s)
}

STATE {
    m
}

ASSIGNED {
    v (mV)
    celsius (degC)
    Cai (mM)
    Cao (mM)
    iCa (mA/cm2)
    thermal (mV)
    q
}

INITIAL {
    thermal = (1000)*R*(celsius + 273.15(degC))/(2*FARADAY)
    q = 3^((celsius - 21(degC))/10(degC))
    m = alpha_m(v)/(alpha_m(v) + beta_m(v))
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    iCa = pcabar*m*m*ghk(v, Cai, Cao)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a, b
    a = q*alpha_m(v)
    b = q*beta_m(v)
    m' = a - (a + b)*m
}

FUNCTION alpha_m(v (mV)) {
    alpha_m = 1.6/(1 + exp(-0.072*(v - 12)))
}

FUNCTION beta_m(v (mV)) {
    beta_m = 0.02*5.36*linoid(-(v - 8.31)/5.36)
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
