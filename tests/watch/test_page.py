"""Tests of `eng5.watch.page`."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from eng5.errors import ServiceError
from eng5.watch.page import newest, served

OLD, NEW = "anchor_align_one_20260302_093000.html", "anchor_align_one_20260303_101112.html"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Two attempts of a run, the index and a plot; beside it a file that nobody is to see."""
    folder = tmp_path / "reports"
    (folder / "plots").mkdir(parents=True)
    for name in (OLD, NEW, "index.html"):
        (folder / name).write_text(f"<!doctype html><body>{name}</body>", encoding="utf-8")
    (folder / "plots" / "a.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return folder


def test_pages_reload_and_files_stay(reports: Path) -> None:
    """The page that is served has the script, the file on the disk has not; other files are sent as they are."""
    with (
        served(reports, 0) as address,
        httpx.Client(base_url=address, timeout=60, follow_redirects=True) as client,
    ):
        assert address.startswith("http://127.0.0.1:")
        page = client.get("/")
        assert page.url.path == "/index.html" and "/.version?page=" in page.text
        assert "script" not in (reports / "index.html").read_text(encoding="utf-8")
        plot = client.get("/plots/a.svg")
        assert plot.text == "<svg/>" and plot.headers["content-type"].startswith("image/svg")


def test_a_page_knows_when_it_changed(reports: Path) -> None:
    """Another version after each write, and the report of a later attempt in the place of an earlier one."""
    with served(reports, 0) as address, httpx.Client(base_url=address, timeout=60) as client:

        def version(name: str) -> dict[str, str]:
            found: dict[str, str] = client.get("/.version", params={"page": f"/{name}"}).json()
            return found

        before = version("index.html")
        path = reports / "index.html"
        path.write_text("new", encoding="utf-8")
        after = version("index.html")
        assert before["newest"] == after["newest"] == "/index.html"
        assert after["version"] == str(path.stat().st_mtime_ns)
        assert version(OLD)["newest"] == f"/{NEW}"
        assert version("not_there.html") == {"version": "0", "newest": "/not_there.html"}
        assert "not there yet" in client.get("/not_there.html").text


def test_nothing_else_is_served(reports: Path) -> None:
    """No file outside of reports/, and nothing to a page that calls this machine by another name."""
    with served(reports, 0) as address, httpx.Client(base_url=address, timeout=60) as client:
        for name in ("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/plots/none.svg", "/%00"):
            answer = client.get(name)
            assert answer.status_code == 404 and "secret" not in answer.text
        assert client.get("/index.html", headers={"Host": "evil.example"}).status_code == 400


def test_a_taken_port_is_named(reports: Path) -> None:
    """A second watch on the same port is refused with the port."""
    with served(reports, 0) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(ServiceError, match=str(port)), served(reports, port):
            pass


def test_only_reports_of_runs_have_attempts(reports: Path) -> None:
    """The comparison stays itself."""
    assert newest(reports, "compare.html") == "compare.html" and newest(reports, NEW) == NEW
