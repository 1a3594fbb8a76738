"""A database whose clock is not the functions' and the queue's, and goes on when a test says so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from convoke.database.transactions import autocommit
from sqlalchemy import Engine, text

# Found before PostgreSQL's own functions of these names, by everybody who connects from here on.
_SET_UP = (
    "CREATE SCHEMA shifted",
    "CREATE TABLE shifted.clock AS SELECT interval '0' AS ahead",
    """CREATE FUNCTION shifted.now() RETURNS timestamptz LANGUAGE sql STABLE
       AS 'SELECT pg_catalog.now() + ahead FROM shifted.clock'""",
    """CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
       AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM shifted.clock'""",
    """DO $$ DECLARE place record; BEGIN
           EXECUTE format('ALTER DATABASE %I SET search_path = shifted, pg_catalog, public',
                          current_database());
           FOR place IN SELECT table_name, column_name FROM information_schema.columns
                        WHERE table_schema = 'public' AND column_default = 'now()' LOOP
               EXECUTE format('ALTER TABLE public.%I ALTER %I SET DEFAULT shifted.now()',
                              place.table_name, place.column_name);
           END LOOP;
       END $$""",
)


@dataclass
class ShiftedClock:
    """The clock of a database, so far ahead of everybody else's (behind, when it is negative)."""

    engine: Engine
    ahead: timedelta

    def __post_init__(self) -> None:
        with autocommit(self.engine) as connection:
            for statement in _SET_UP:
                connection.execute(text(statement))
        # The search path is that of new sessions.
        self.engine.dispose()
        self.pass_time()

    def pass_time(self, **length: float) -> None:
        """Let so many seconds, hours … go by in the database."""
        self.ahead += timedelta(**length)
        with autocommit(self.engine) as connection:
            connection.execute(text("UPDATE shifted.clock SET ahead = :ahead"), {"ahead": self.ahead})

    def now(self) -> datetime:
        """The time that the database takes for now."""
        with autocommit(self.engine) as connection:
            found: datetime = connection.execute(text("SELECT now()")).scalar_one()
            return found
