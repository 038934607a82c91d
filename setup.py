"""The one build step that pyproject.toml has no word for: a wheel has ``include/`` as ``retail_pipeline/include``."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

from setuptools import setup
from setuptools.command.build_py import build_py


class WithIncluded(build_py):
    """Copies the SQL and the settings into a wheel; a checkout, and the image, have them beside ``plugins/``."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            copytree("include", Path(self.build_lib) / "retail_pipeline" / "include", dirs_exist_ok=True)


setup(cmdclass={"build_py": WithIncluded})
