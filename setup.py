"""What pyproject.toml cannot say: the wheel carries inputs/ of the checkout, its only copy, as the example."""

from pathlib import Path
from shutil import copytree, ignore_patterns

from setuptools import setup
from setuptools.command.build_py import build_py


class WithExample(build_py):
    """`eng5.study.make` looks for the example in the package first, and in the checkout beside it."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            example = Path(self.build_lib, "eng5", "study", "example")
            copytree("inputs", example, dirs_exist_ok=True, ignore=ignore_patterns(".*", "~$*"))


setup(cmdclass={"build_py": WithExample})
