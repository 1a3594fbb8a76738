"""The peers: one meeting application, and five ways in which its users would tell the participants.

All have the path, the body and the answer of Convoke's own `POST /v1/events`, its validation and its tables
of users, events and participants, and a table of notifications as such applications have it. The models and
sessions are SQLAlchemy's ORM over pg8000, each with its defaults (`tables`, `meetings`).
"""
