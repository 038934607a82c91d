"""When people are alerted about the data feed: section ``jushita.monitor`` of the settings file."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from retail_pipeline.settings.shapes import EveryMinutes, Share, Strict

Seconds = Annotated[int, Field(ge=1, le=30 * 86_400)]


class FeedLag(Strict):
    """How late rows may be pushed. The platform says: 99 % within 3 seconds, the rest within 20 minutes.

    The shares are lower, as the platform also says that orders within a trade change without a new ``modified``.

    :ivar min_rows: with fewer rows in an hour nothing can be said
    """

    median_seconds: Seconds = 10
    p99_seconds: Seconds = 1800
    share_over_3_seconds: Share = 0.1
    share_over_20_minutes: Share = 0.02
    min_rows: Annotated[int, Field(ge=1)] = 100


class FeedVolume(Strict):
    """How few rows a day may have.

    :ivar min_share: of what is usual until the same hour
    :ivar min_usual_rows: if fewer are usual, nothing can be said
    """

    min_share: Share = 0.5
    min_usual_rows: Annotated[int, Field(ge=1)] = 200


class OwnLag(Strict):
    """How far our load may be behind the RDS."""

    minutes: Annotated[int, Field(ge=1, le=10_080)] = 30


class Retention(Strict):
    """How long rows stay in sys_info.

    :ivar days: as in the console's sync settings (同步设置); without it, the age of the oldest row counts
    :ivar max_share: the load may be behind by this share of that time
    """

    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    max_share: Share = 0.5


class FeedMonitor(Strict):
    """How the data feed is watched.

    :ivar removed_after_days: the platform removes a seller whose session has been expired for so long
    :ivar calm_minutes: figures must be good for so long before an incident is over
    :ivar keep_days: older figures are deleted
    """

    every_minutes: EveryMinutes = 10
    removed_after_days: Annotated[int, Field(ge=1, le=365)] = 30
    calm_minutes: Annotated[int, Field(ge=0, le=1440)] = 30
    keep_days: Annotated[int, Field(ge=8, le=3650)] = 90
    feed_lag: FeedLag = FeedLag()
    volume: FeedVolume = FeedVolume()
    own_lag: OwnLag = OwnLag()
    retention: Retention = Retention()

    @property
    def calm(self) -> timedelta:
        return timedelta(minutes=self.calm_minutes)

    @property
    def keep(self) -> timedelta:
        return timedelta(days=self.keep_days)
