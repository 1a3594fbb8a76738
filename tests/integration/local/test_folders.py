"""A data folder in which another user owns or could own files is refused before any of them is used."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from convoke_local.api_gateway.tokens import load_key
from convoke_local.cli import main
from convoke_local.errors import LocalStackError
from convoke_local.operations.stack_state import read_state
from convoke_local.postgres.server import run_postgres
from convoke_local.processes.folders import hold_folder, make_folder
from convoke_local.sqs.server import run_sqs
from support.accounts import NOBODY

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")

#: All functions that begin to use a data folder.
USES: dict[str, Callable[[Path], object]] = {
    "convoke up": make_folder,
    "convoke token": load_key,
    "convoke status": read_state,
    "postgres": lambda folder: run_postgres(folder).__enter__(),
    "sqs": lambda folder: run_sqs(folder).__enter__(),
}
use = pytest.mark.parametrize("use", USES.values(), ids=USES)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """Return a file outside of the folder, and check that it is unchanged in the end."""
    path = tmp_path / "elsewhere"
    path.write_text("precious")
    yield path
    assert path.read_text() == "precious"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir(mode=0o755)
    return path


@use
@pytest.mark.parametrize("name", ["lock", "token.key", "stack.json", "logs", "data"])
def test_a_symbolic_link_is_refused(
    use: Callable[[Path], object], folder: Path, elsewhere: Path, name: str
) -> None:
    (folder / name).symlink_to(elsewhere)

    with pytest.raises(LocalStackError, match=f"data/{name} is a symbolic link: remove it, or .*DATA_DIR"):
        use(folder)


@use
def test_a_link_that_leads_nowhere_is_refused_too(use: Callable[[Path], object], folder: Path) -> None:
    (folder / "token.key").symlink_to(folder.parent / "missing")

    with pytest.raises(LocalStackError, match="is a symbolic link"):
        use(folder)
    assert not (folder.parent / "missing").exists()


@only_root
@use
@pytest.mark.parametrize("name", ["lock", "token.key", "stack.json", "imports.sqlite3", "server.log"])
def test_a_file_of_another_user_is_refused(use: Callable[[Path], object], folder: Path, name: str) -> None:
    (folder / name).write_text("k" * 64)
    os.chown(folder / name, NOBODY.pw_uid, NOBODY.pw_gid)

    with pytest.raises(
        LocalStackError, match=rf"data/{name} belongs to another user \(uid {NOBODY.pw_uid}\): start as"
    ):
        use(folder)
    assert (folder / name).read_text() == "k" * 64


@only_root
@use
def test_a_folder_of_another_user_is_refused(use: Callable[[Path], object], folder: Path) -> None:
    os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)

    with pytest.raises(LocalStackError, match=r"data belongs to another user"):
        use(folder)


@only_root
def test_root_s_own_file_is_another_user_s_to_everybody_else() -> None:
    # Only root can enter pytest's folders.
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "token.key").write_text("k" * 64)
        os.chown(name, NOBODY.pw_uid, NOBODY.pw_gid)
        os.seteuid(NOBODY.pw_uid)
        try:
            with pytest.raises(LocalStackError, match=r"token\.key belongs to another user \(uid 0\)"):
                load_key(Path(name))
        finally:
            os.seteuid(0)


@use
def test_a_folder_that_anybody_may_write_to_is_refused(use: Callable[[Path], object], folder: Path) -> None:
    folder.chmod(0o777)

    with pytest.raises(LocalStackError, match=r"every user may write to .*data: .*chmod o-w"):
        use(folder)


def test_it_is_made_so_that_others_cannot_write_to_it(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        made = make_folder(tmp_path / "data")
    finally:
        os.umask(mask)

    assert made.stat().st_mode & 0o777 == 0o755
    with hold_folder(made):
        assert make_folder(made) == made


def test_the_folder_itself_may_be_a_link_of_the_person_s_own(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "link").symlink_to(folder)

    assert make_folder(tmp_path / "link") == folder


def test_the_person_reads_one_line(
    folder: Path, elsewhere: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "lock").symlink_to(elsewhere)
    monkeypatch.setenv("CONVOKE_DATA_DIR", str(folder))
    monkeypatch.setenv("CONVOKE_PORT", "0")

    for arguments in (["up"], ["up", "--fresh"], ["token", "ada@example.org"], ["status"]):
        assert main(arguments) == 1
        outcome = capsys.readouterr()
        assert outcome.out == ""
        assert outcome.err.startswith(f"convoke: {folder}/lock is a symbolic link")
        assert outcome.err.count("\n") == 1
