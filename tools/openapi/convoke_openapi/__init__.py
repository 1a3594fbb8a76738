"""Writes the OpenAPI document: FastAPI's description of the routes, with texts, examples and errors added.

`python -m convoke_openapi` prints it. The function serves the written file.
"""
