"""Writes the OpenAPI document: FastAPI's description of the routes, and what FastAPI cannot know.

`python -m convoke_openapi` prints it. The function serves the written file.
"""
