"""Downloads from a server of this machine that breaks off, refuses and lies."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import data
import data.__main__
from data import download as module
from data.__main__ import main
from data.download import download
from data.fetch import fetch
from data.registry import DATASETS, Dataset, Download

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves one content.

    ``limits`` says after how many bytes each connection breaks off; ``mode`` how it treats requests for a part.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.limits: list[int] = []
        self.statuses: list[int] = []
        self.mode = "ranges"
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/set/letters.tar.gz"


class Handler(BaseHTTPRequestHandler):
    """Answers as the server is told."""

    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.server.asked.append(wanted)
        if self.server.statuses:
            self.send_error(self.server.statuses.pop(0))
            return
        content, start = self.server.content, 0
        if wanted and self.server.mode != "whole":
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                self.send_error(416)
                return
            shown = 0 if self.server.mode == "lies" else start
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {shown}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        limit = self.server.limits.pop(0) if self.server.limits else len(content)
        self.wfile.write(content[start : start + limit])

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A running server; clients do not pause."""
    monkeypatch.setattr(module, "PAUSE", 0.0)
    monkeypatch.setenv("NO_PROXY", "*")
    running = Server()
    threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def test_a_download_is_complete_and_reported(server: Server, tmp_path: Path) -> None:
    """Its hash is right, nothing is left beside it, and the last report is the whole."""
    reports: list[tuple[int, int]] = []
    download(server.url, tmp_path / "f", digest=SHA256, size=len(CONTENT), report=lambda *both: reports.append(both))
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    assert reports == sorted(reports)


def test_a_broken_connection_is_taken_up_where_it_stopped(server: Server, tmp_path: Path) -> None:
    """Each new connection asks for the rest only, as often as it takes if each brings something."""
    server.limits = [100_000, 200_000, 50_000, 1, 1, 1, 1]
    download(server.url, tmp_path / "f", digest=SHA256)
    assert (tmp_path / "f").read_bytes() == CONTENT
    starts = [100_000, 300_000, 350_000, 350_001, 350_002, 350_003, 350_004]
    assert server.asked == ["", *(f"bytes={start}-" for start in starts)]


def test_a_download_goes_on_in_another_process(server: Server, tmp_path: Path) -> None:
    """What an interrupted one left behind is not asked for again."""
    (tmp_path / "f.part").write_bytes(CONTENT[:700_000])
    download(server.url, tmp_path / "f", digest=SHA256, size=len(CONTENT))
    assert server.asked == ["bytes=700000-"]
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_complete_part_is_only_compared(server: Server, tmp_path: Path) -> None:
    """The process was killed between the last byte and the new name."""
    (tmp_path / "f.part").write_bytes(CONTENT)
    download(server.url, tmp_path / "f", digest=SHA256, size=len(CONTENT))
    assert server.asked == []
    assert (tmp_path / "f").exists()


@pytest.mark.parametrize("mode", ["whole", "lies"])
@pytest.mark.parametrize("old", [CONTENT[:700_000], b"x" * 700_000, CONTENT + b"more"])
def test_a_server_without_parts_sends_everything_again(server: Server, tmp_path: Path, mode: str, old: bytes) -> None:
    """Also where what is here was another file, or too long."""
    server.mode = mode
    (tmp_path / "f.part").write_bytes(old)
    download(server.url, tmp_path / "f", digest=SHA256)
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_file_that_has_changed_is_downloaded_again(server: Server, tmp_path: Path) -> None:
    """Two halves of different files do not fit together."""
    (tmp_path / "f.part").write_bytes(b"x" * 700_000)
    download(server.url, tmp_path / "f", digest=SHA256, size=len(CONTENT))
    assert server.asked == ["bytes=700000-", ""]
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_another_content_is_refused_and_removed(server: Server, tmp_path: Path) -> None:
    """Nothing with a wrong hash ever bears the name."""
    server.content = CONTENT[::-1]
    with pytest.raises(data.DataCorrupt, match="the server sends something else"):
        download(server.url, tmp_path / "f", digest=SHA256)
    assert list(tmp_path.iterdir()) == []


def test_more_than_was_announced_is_not_taken(server: Server, tmp_path: Path) -> None:
    """A disk is not to be filled."""
    with pytest.raises(data.DownloadFailed, match="more than 1000 bytes came"):
        download(server.url, tmp_path / "f", size=1000)
    assert (tmp_path / "f.part").stat().st_size == 0


def test_a_server_that_is_busy_is_asked_again(server: Server, tmp_path: Path) -> None:
    """503 and 429 pass."""
    server.statuses = [503, 429]
    download(server.url, tmp_path / "f", digest=SHA256)
    assert len(server.asked) == 3


def test_a_file_that_is_not_there_is_asked_for_once(server: Server, tmp_path: Path) -> None:
    """404 stays."""
    server.statuses = [404] * 5
    with pytest.raises(data.DownloadFailed, match="the server answers 404 Not Found"):
        download(server.url, tmp_path / "f")
    assert len(server.asked) == 1


def test_two_processes_do_not_write_one_file(server: Server, tmp_path: Path) -> None:
    """The second says so."""
    with (
        module._locked(tmp_path / "f.part", server.url),
        pytest.raises(data.DownloadFailed, match="another process is downloading it"),
    ):
        download(server.url, tmp_path / "f")


def archive(*names: str, folder: str = "letters-py") -> bytes:
    """Return a tar archive of small files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name in names:
            info = tarfile.TarInfo(f"{folder}/{name}" if folder else name)
            info.size = 3
            tar.addfile(info, io.BytesIO(b"abc"))
    return stream.getvalue()


@pytest.fixture
def letters(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A data set in an archive on the server."""
    server.content = archive("one", "two", "readme.html")
    dataset = Dataset(
        name="letters",
        title="",
        source="",
        licence="",
        place="letters-folder",
        files={"one": hashlib.md5(b"abc").hexdigest(), "two": hashlib.md5(b"abc").hexdigest()},
        downloads=(
            Download(server.url, hashlib.sha256(server.content).hexdigest(), size=len(server.content), archive=True),
        ),
    )
    monkeypatch.setitem(DATASETS, "letters", dataset)
    monkeypatch.setenv("CNN_DATA", str(tmp_path))
    return dataset


def test_fetch_downloads_and_unpacks(
    letters: Dataset, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command prints the folder; the archive is gone; the second time nothing is asked for."""
    for _ in range(2):
        assert main(["fetch", "letters", "mnist"]) == 0
        assert capsys.readouterr().out.splitlines()[0] == f"letters: {tmp_path / 'letters-folder'}"
    assert sorted(path.name for path in letters.folder.iterdir()) == ["one", "readme.html", "two"]
    assert [path.name for path in tmp_path.iterdir()] == ["letters-folder"]
    assert letters.verify()
    assert server.asked == [""]


def test_an_archive_put_there_by_hand_is_used(letters: Dataset, server: Server, tmp_path: Path) -> None:
    """Without a network; it is checked, and stays where it was put."""
    (tmp_path / "letters.tar.gz").write_bytes(server.content[:-9])
    with pytest.raises(data.DataCorrupt, match=r"letters.tar.gz is damaged or is another file"):
        fetch("letters")
    (tmp_path / "letters.tar.gz").write_bytes(server.content)
    assert fetch("letters") == letters.folder
    assert letters.is_here
    assert (tmp_path / "letters.tar.gz").exists()
    assert server.asked == []


@pytest.mark.parametrize("names", [("one",), (), ("x/one", "x/two")])
def test_an_archive_without_the_files_is_refused(
    letters: Dataset, server: Server, tmp_path: Path, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing half appears."""
    server.content = archive(*names)
    wanted = Download(server.url, archive=True)
    monkeypatch.setitem(DATASETS, "letters", Dataset(**{**vars(letters), "downloads": (wanted,)}))
    with pytest.raises(data.DataCorrupt, match="expected a folder with one, two in it"):
        fetch("letters")
    assert [path.name for path in tmp_path.iterdir()] == ["letters.tar.gz"]


def test_without_a_network_the_message_says_what_to_do(
    letters: Dataset, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What to get elsewhere, and where to put it."""
    server.shutdown()
    server.server_close()
    assert main(["fetch", "letters"]) == 1
    said = capsys.readouterr().err
    assert f"{server.url} could not be downloaded: no connection (" in said
    assert f"put it into {tmp_path} and run the same command" in said


def test_fetch_without_a_name_gets_everything_that_can_be_had(
    letters: Dataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be had does not stop the others; the end counts it."""
    nobodys = Dataset(**{**vars(letters), "name": "nobodys", "place": "", "downloads": (), "by_hand": "Ask Ana."})
    monkeypatch.setattr(data.__main__, "DATASETS", {"nobodys": nobodys, "letters": letters})
    monkeypatch.setitem(DATASETS, "nobodys", nobodys)
    assert main(["fetch"]) == 1
    said = capsys.readouterr()
    assert said.out == f"letters: {letters.folder}\n"
    assert "nobodys: the data set nobodys needs" in said.err
    assert "Ask Ana." in said.err
    assert said.err.endswith("1 of 2 could not be had. The same command goes on from here.\n")


def test_what_nobody_offers_cannot_be_fetched(letters: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says where to put it."""
    monkeypatch.setitem(DATASETS, "letters", Dataset(**{**vars(letters), "downloads": (), "by_hand": "Ask Ana."}))
    with pytest.raises(data.DataMissing, match=r"Ask Ana\."):
        fetch("letters")
