"""Small situations, each of which shows one rule: what catches a mutant that needs no chaos.

A scenario takes a Bench and calls `require`; its name is a sentence.
"""
