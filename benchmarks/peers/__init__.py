"""The peers: one calendar application, with five usual ways to notify its participants.

All have the path, the body and the response of Convoke's own `POST /v1/events`, its validation and its tables
of users, events and participants, and a usual table of notifications. The models and
sessions are SQLAlchemy's ORM over pg8000, each with its defaults (`tables`, `application`).
"""
