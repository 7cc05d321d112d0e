"""A city that never was: what its departments would send, and the truth behind it, kept aside.

For the demo, the tests and the benchmarks; production can do without it. Every person is invented and marked so in
every row; ID numbers use the reserved sequence 9xx. Same seed, same bytes.
"""
