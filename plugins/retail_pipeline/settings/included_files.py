"""Where the project's files beside its modules are: ``include/``, the SQL and settings, and ``dags/``."""

from __future__ import annotations

from pathlib import Path

from retail_pipeline.errors import ConfigError

_PACKAGE = Path(__file__).parents[1]
# A wheel carries them in the package; a checkout and the image have them beside plugins/.
_PLACES = (_PACKAGE, _PACKAGE.parents[1])


def project_file(*steps: str) -> Path:
    """Return the path of a file or folder of the project.

    :param steps: the names on the way from the project's own folder
    :raises ConfigError: it is not there, so nothing can work; a DAG fails at import and not when it runs
    """
    paths = [place.joinpath(*steps) for place in _PLACES]
    for path in paths:
        if path.exists():
            return path
    raise ConfigError(
        f"there is neither {' nor '.join(map(str, paths))}: "
        f"install the wheel of retail_pipeline, or put {steps[0]}/ beside plugins/"
    )
