"""The migrator's artifact brings an empty database to the newest schema."""

from integration.runtime.conftest import Emulate
from integration.runtime.test_functions import read_event
from sqlalchemy import Engine, text
from support.databases import make_database


def test_an_empty_database_gets_the_newest_schema(
    emulate: Emulate, postgres_url: str, engine: Engine
) -> None:
    with make_database(postgres_url) as empty_database_url:
        migrator = emulate("MigratorFunction", DATABASE_URL=empty_database_url)
        before = migrator.invoke({"command": "current"})
        upgraded = migrator.invoke(read_event("migrator"))
        after = migrator.invoke({"command": "current"})

    with engine.connect() as connection:
        newest = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert before == {"revision": ""}
    assert upgraded == after == {"revision": newest}
