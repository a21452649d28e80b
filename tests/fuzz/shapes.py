"""Small morphologies as their files write them."""

SWC = """# a soma of three points and two branches
1 1 0 0 0 5 -1
2 1 0 -5 0 5 1
3 1 0 5 0 5 1
4 3 0 6 0 1 1
5 3 0 20 3 0.8 4
6 3 10 40 3 0.5 5
7 3 -10 40 3 0.5 5
8 2 0 -6 0 0.5 1
9 2 0 -60 0 0.4 8
"""
ASC = """("CellBody" (Color Red) (CellBody)
  (5.0 0.0 0.0 0.3) (0.0 5.0 0.0 0.3) (-5.0 0.0 0.0 0.3) (0.0 -5.0 0.0 0.3))
((Color Yellow) (Dendrite)
  (0.0 6.0 0.0 1.0) (0.0 20.0 3.0 0.8)
  ( (10.0 40.0 3.0 0.5) (12.0 60.0 3.0 0.5) Normal
  | (-10.0 40.0 3.0 0.5) (-12.0 60.0 3.0 0.5) Normal ))
((Color Blue) (Axon)
  (0.0 -6.0 0.0 0.5) (0.0 -60.0 0.0 0.4) Normal)
"""
