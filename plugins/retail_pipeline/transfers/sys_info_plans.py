"""What a run is about that looks at the data push: its RDS, and the warehouse that their rows are in."""

from __future__ import annotations

from collections.abc import Sequence

from retail_pipeline.planning.operators import PlanOperator
from retail_pipeline.planning.subjects import Planned, as_planned, jushita_of, planned_instances
from retail_pipeline.settings import Settings


class PlanInstancesOperator(PlanOperator):
    """Say which RDS Taobao pushes to."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return every RDS with the warehouse."""
        return list(map(as_planned, planned_instances(settings)))


class PlanWarehouseOperator(PlanOperator):
    """Say which warehouse a check asks."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return the one connection."""
        return [{"name": jushita_of(settings).target_conn_id}]
