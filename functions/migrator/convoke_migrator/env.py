"""Runs the migrations on the caller's connection; alembic loads this module for each command."""

from alembic import context

from convoke_migrator.models import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
