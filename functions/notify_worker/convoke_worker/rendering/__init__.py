"""Renders the texts of notifications: payloads, texts, dates, languages.

Imports nothing else of this package, so that another function can use it; an import contract keeps it so.
"""
