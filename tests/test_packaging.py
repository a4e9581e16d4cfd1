"""What is installed is what was written: the wheel has every file of the package."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.project import ROOT

BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


def test_the_wheel_has_every_file_of_the_package(tmp_path: Path) -> None:
    """Styles, templates, schemas and the example's inputs are installed like code; compiled files are not."""
    source = tmp_path / "source"
    shutil.copytree(ROOT / "eng5", source / "eng5", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "inputs", source / "inputs")
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    written = {path.relative_to(source).as_posix() for path in source.glob("eng5/**/*") if path.is_file()}
    inputs = (path.relative_to(source / "inputs") for path in source.glob("inputs/**/*") if path.is_file())
    written |= {f"eng5/study/example/{path.as_posix()}" for path in inputs}
    compiled = source / "eng5" / "plots" / "__pycache__"
    compiled.mkdir()
    (compiled / "plot.cpython-311.pyc").touch()

    subprocess.run([sys.executable, "-c", BUILD, tmp_path], cwd=source, capture_output=True, check=True)

    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        installed = {name for name in archive.namelist() if name.startswith("eng5/")}
    assert installed == written
