"""Where the files of ``include/`` are, the SQL and the settings that the project comes with."""

from __future__ import annotations

from pathlib import Path

from retail_pipeline.errors import ConfigError

_PACKAGE = Path(__file__).parents[1]
# Of a wheel, which carries them; of a checkout and of the image, which have them beside plugins/.
_PLACES = (_PACKAGE / "include", _PACKAGE.parents[1] / "include")


def included(*steps: str) -> Path:
    """Return the path of a file or folder of ``include/``.

    :raises ConfigError: they are not there, so nothing can work; a DAG fails at import and not when it runs
    """
    for place in _PLACES:
        if place.is_dir():
            return place.joinpath(*steps)
    places = ", ".join(map(str, _PLACES))
    raise ConfigError(
        f"the SQL and settings of retail_pipeline are in neither of {places}: "
        "install the wheel, or put include/ beside plugins/"
    )
