"""When people are alerted that a load is late or stuck: section ``alerts`` of each load in the settings file."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from retail_pipeline.settings.shapes import Strict

Minutes = Annotated[int, Field(ge=1, le=10_080)]


class LoadAlerts(Strict):
    """When people are alerted of a load: once, and once more when it is over.

    :ivar max_lag_minutes: how old a watermark may be; None if another watch judges that
    :ivar max_open_minutes: how long a window may stay incomplete: longer than its tries take
    :ivar max_quarantined: records of one account that may lie in the quarantine
    """

    max_lag_minutes: Minutes | None = 60
    max_open_minutes: Minutes = 60
    max_quarantined: Annotated[int, Field(ge=0)] = 100

    @property
    def max_open(self) -> timedelta:
        return timedelta(minutes=self.max_open_minutes)


class SysInfoAlerts(LoadAlerts):
    """The same for sys_info, whose lag ``jushita.monitor.own_lag`` judges, by the RDS's clock."""

    max_lag_minutes: Minutes | None = None
