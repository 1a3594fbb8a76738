"""Small situations that show one rule each, for mutants that need no chaos to be caught.

A scenario takes a Bench and calls `require`; its name is a sentence.
"""
