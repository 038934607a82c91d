"""Rings where a watch itself cannot look: nobody would hear of anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from retail_pipeline import clock
from retail_pipeline.notify.trouble_watch import review_troubles
from retail_pipeline.settings_file import load_settings
from retail_pipeline.troubles import Finding, TroubleKind

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

# Under this name etl_alert keeps what is rung.
WATCH = "jushita_push_monitor"


def can_be_asked(watched: str) -> Finding:
    """Return the finding of a watch that did its work."""
    return Finding(f"watch of {watched}", None, "it can be asked again")


class BlindWatchNotifier(BaseNotifier):
    """For ``on_failure_callback`` of a watch's task. Never fails the task that it watches."""

    def notify(self, context: Context) -> None:
        """Ring that a watch has failed."""
        try:
            finding = Finding(
                f"watch of {context['task'].watched}",
                TroubleKind.TROUBLE,
                str(context.get("exception") or "the task was ended from outside"),
                "cannot be asked",
                "mend what «why» names; the next run asks again",
            )
            review_troubles(WATCH, [finding], load_settings().alarms, clock.now())
        except Exception:
            self.log.exception("alarm could not be raised")
