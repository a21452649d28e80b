"""Cells in hoc as people write them: loops and procedures, a template, numbers read with fscan."""

LOOPS = """\
load_file("stdrun.hoc")
celsius = 20
v_init = -70
create soma, dend[3], apic[2], axon
proc draw() { local i
    soma { pt3dclear() pt3dadd(0, 0, 0, 12) pt3dadd(0, 9.5, 0, 14) pt3dadd(0, 20, 0, 10) }
    for i = 0, 1 dend[i] {
        pt3dclear()
        pt3dadd(0, 10, 0, 2.1)
        pt3dadd(30*(i + 1), 10 + 3*i, 5, 1.3)
        pt3dadd(61.7*(i + 1), 10, 7, 0.9)
    }
    dend[2] { pt3dadd(123.4, 10, 7, 0.9) pt3dadd(150, 30, 7, 0.8) pt3dadd(190, 70, -9, 0.5) }
    for i = 0, 1 apic[i] { L = 100 + 50*i diam = 3 - i }
    axon { L = 80 diam = 1.1 }
}
proc join() { local i
    for i = 0, 1 connect dend[i](0), soma(0.5)
    connect dend[2](0), dend[1](1)
    connect apic[0](0), soma(1)
    connect apic[1](0), apic[0](1)
    connect axon(0), soma(0)
}
join()
draw()
forall { Ra = 120 nseg = 1 + 2*int(L/40) insert pas g_pas = 1e-4 e_pas = -68 }
soma { insert hh gnabar_hh = 0.25 ek = -85 }
axon { insert hh gnabar_hh = 0.5 cm = 1.2 }
dend[0] g_pas = 2e-4
dend[1] g_pas = 3e-4
dend[2] g_pas = 5e-5
objref clamp
soma clamp = new IClamp(0.5)
clamp.del = 50
clamp.dur = 100
clamp.amp = 0.4
tstop = 200
"""

TEMPLATE = """\
begintemplate Ball
public soma, dend
create soma, dend
proc init() {
    soma { L = 20 diam = 15 }
    dend { L = 300 diam = 2 nseg = 7 }
    connect dend(0), soma(1)
    soma { insert pas insert hh }
    dend { insert pas g_pas = 2e-5 }
}
endtemplate Ball
objref cell
cell = new Ball()
"""

FSCAN = """\
create soma, dend
proc load_points() { local i, n, x, d
    n = fscan()
    for i = 1, n { x = fscan() d = fscan() dend pt3dadd(x, 0, 0, d) }
}
soma { L = 10 diam = 10 insert pas }
connect dend(0), soma(1)
load_points()
3
0 2
55.5 1.5
120 0.7
dend { insert pas g_pas = 4e-5 nseg = 5 }
"""
