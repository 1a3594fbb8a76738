"""The metadata that all tables belong to."""

from sqlalchemy import Column, DateTime, MetaData, text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_NOW = text("now()")


def time_column(name: str, *, nullable: bool = False, default: bool = False) -> Column[object]:
    """Make a timestamptz column; `default` is now()."""
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=_NOW if default else None)
