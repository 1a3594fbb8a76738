"""What alembic runs for each command: the migrations, on the connection that the caller holds."""

from alembic import context

from convoke_migrator.models import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
