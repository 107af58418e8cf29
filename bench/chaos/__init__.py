"""`make chaos`: faults at any point of posting and of imports, and the proof that they are seen.

kill -9 alone proves little: what a killed process has written survives in the page cache, so even
a database that never calls fsync loses nothing. Hence the power cuts, and the planted faults that
the harness must catch before its other rounds count. Described in docs/how-to/chaos.md.
"""
