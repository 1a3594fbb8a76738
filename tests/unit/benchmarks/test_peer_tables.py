"""The peers map the product's tables as they are."""

import pytest
from convoke_migrator.models import metadata

from benchmarks.peers.tables import Base, Event, EventParticipant, User


@pytest.mark.parametrize("model", [User, Event, EventParticipant])
def test_a_peer_maps_existing_columns_and_all_that_an_insert_needs(model: type[Base]) -> None:
    columns = metadata.tables[model.__tablename__].columns
    needed = {
        it.name for it in columns if not it.nullable and it.server_default is None and not it.primary_key
    }

    mapped = set(model.__table__.columns.keys())
    assert mapped <= set(columns.keys())
    assert needed <= mapped
