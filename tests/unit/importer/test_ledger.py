"""Record applied revisions and replies, without addresses."""

from pathlib import Path
from threading import Event, Thread

import pytest
from convoke_importer.errors import LedgerError
from convoke_importer.ledger import Ledger
from convoke_importer.revisions import Revision, SeenReply, SeenRevision

REVISION = Revision(2, "20270101T000000")
REPLY = SeenReply(REVISION, "accepted")
BOB = "bob@example.org"


def test_a_ledger_remembers_from_one_import_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with Ledger(path) as ledger:
        ledger.record_revision("1", SeenRevision(REVISION, 3, is_applied=False))
        ledger.record_reply("1", BOB, REPLY)
        ledger.record_removal("1", BOB, REVISION)
    with Ledger(path) as ledger:
        assert ledger.find_revision("1") == SeenRevision(REVISION, 3, is_applied=False)
        assert ledger.find_reply("1", "BOB@Example.org") == REPLY
        assert ledger.find_removal("1", "BOB@Example.org") == REVISION


def test_an_event_of_another_id_or_person_is_another(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        ledger.record_revision("1", SeenRevision(REVISION, 3))
        ledger.record_reply("1", BOB, REPLY)
        assert ledger.find_revision("2") is None
        assert (ledger.find_reply("2", BOB), ledger.find_reply("1", "eve@example.org")) == (None, None)
        assert ledger.find_removal("1", BOB) is None


def test_what_comes_later_takes_the_place_of_what_was_there() -> None:
    with Ledger(":memory:") as ledger:
        for is_applied in (False, True):
            ledger.record_revision("1", SeenRevision(REVISION, 3, is_applied=is_applied))
        assert ledger.find_revision("1") == SeenRevision(REVISION, 3, is_applied=True)


def test_no_address_is_in_the_file_and_no_other_user_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with Ledger(path) as ledger:
        ledger.record_reply("1", BOB, REPLY)
        ledger.record_removal("1", BOB, REVISION)
    data = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert b"accepted" in data
    assert b"bob" not in data.lower()


def test_one_import_at_a_time_holds_the_ledger(tmp_path: Path) -> None:
    path, is_held, may_end = tmp_path / "ledger", Event(), Event()
    order = []

    def hold() -> None:
        with Ledger(path) as ledger, ledger.hold():
            is_held.set()
            may_end.wait()
            order.append("first")
            ledger.record_reply("1", BOB, REPLY)

    thread = Thread(target=hold)
    thread.start()
    is_held.wait()
    with Ledger(path) as ledger:
        # The lock does not prevent reads.
        assert ledger.find_reply("1", BOB) is None
        may_end.set()
        with ledger.hold():
            order.append("second")
            assert ledger.find_reply("1", BOB) == REPLY
    thread.join()
    assert order == ["first", "second"]


def test_what_was_recorded_stays_when_the_holder_fails(tmp_path: Path) -> None:
    def record_and_fail(ledger: Ledger) -> None:
        with ledger.hold():
            ledger.record_reply("1", BOB, REPLY)
            raise KeyboardInterrupt

    with Ledger(tmp_path / "ledger") as ledger:
        with pytest.raises(KeyboardInterrupt):
            record_and_fail(ledger)
        with ledger.hold():
            assert ledger.find_reply("1", BOB) == REPLY


def test_a_place_where_no_ledger_can_be_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=f"the import ledger {tmp_path} cannot be used"):
        Ledger(tmp_path)
