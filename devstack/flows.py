"""Reads the project's flows from docs/flows.yaml and writes them as text: schedules in words, tables in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from devstack.steps import ROOT

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
DESCRIPTION = ROOT / "docs" / "flows.yaml"
_HEADINGS = {
    "en": "| DAG | schedule | from → to | guarantee |",
    "zh": "| DAG | 时间 | 从 → 到 | 保证 |",
}
_AND = {"en": ", ", "zh": "、"}
_ALWAYS = {"en": "all the time", "zh": "持续运行"}
_EVERY = {"en": "every {} min", "zh": "每 {} 分钟"}
_EVERY_MINUTE = {"en": "every minute", "zh": "每分钟"}


@dataclass(frozen=True)
class Place:
    """A source or a destination of data.

    :ivar names: in each language, like the words for its content
    """

    names: Mapping[Language, str]
    words: Mapping[Language, str]


@dataclass(frozen=True)
class Flow:
    """One DAG.

    :ivar at: times of day in Shanghai
    :ivar every: interval in minutes, where there is no ``at``
    :ivar always: one task stays, and each run takes over from the one before
    """

    dag: str
    source: Place
    target: Place
    moves: Mapping[Language, str]
    guarantees: Mapping[Language, str]
    at: tuple[str, ...] = ()
    every: int = 0
    always: bool = False
    compares: bool = False
    watches: bool = False

    def crons(self) -> list[str]:
        """Return the cron expressions that the DAG's schedule must have."""
        if not self.at:
            return [f"*/{self.every} * * * *"]
        return [f"{int(minute)} {int(hour)} * * *" for hour, minute in (each.split(":") for each in self.at)]

    def schedule(self, language: Language) -> str:
        """Return when it runs, in words."""
        if self.always:
            return _ALWAYS[language]
        if self.at:
            return _AND[language].join(self.at)
        return _EVERY_MINUTE[language] if self.every == 1 else _EVERY[language].format(self.every)


def flows() -> list[Flow]:
    """Return all flows, in the order of the documents."""
    told = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    places = {
        name: Place(_each(place, "name"), _each(place, "what")) for name, place in told["places"].items()
    }
    return [_flow(each, places) for each in told["flows"]]


def _flow(told: dict[str, Any], places: Mapping[str, Place]) -> Flow:
    return Flow(
        dag=told["dag"],
        source=places[told["from"]],
        target=places[told["to"]],
        moves=_each(told, "moves"),
        guarantees=_each(told, "guarantee"),
        at=tuple(told.get("at", ())),
        every=told.get("every", 0),
        always=told.get("always", False),
        compares=told.get("compares", False),
        watches=told.get("watches", False),
    )


def _each(told: Mapping[str, Any], key: str) -> Mapping[Language, str]:
    return {language: told[language][key] for language in LANGUAGES}


def table(told: Sequence[Flow], language: Language) -> str:
    """Return the DAGs as a table in Markdown."""
    rows = [
        f"| `{flow.dag}` | {flow.schedule(language)} | {flow.moves[language]} | {flow.guarantees[language]} |"
        for flow in told
    ]
    return "\n".join([_HEADINGS[language], "|---|---|---|---|", *rows])
