"""Replaying records that were set aside: one that still fails keeps no other from being loaded."""

from __future__ import annotations

from datetime import timedelta

from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from tests.wangdiantong_aftersales.runs import HEAD, MONDAY_NOON, AftersalesRuns
from tests.windows.spoilt_tables import spoiling

STAMP = int((MONDAY_NOON - timedelta(hours=1)).timestamp() * 1000)


def test_one_whose_row_a_trigger_changes_keeps_no_other_from_being_replayed(runs: AftersalesRuns) -> None:
    for number in (1, 2, 3):
        runs.put({"refund_id": number, "modified": STAMP, "refund_no": ""})
    runs.run()
    with spoiling(runs.target, HEAD, "remark", "'somebody''s'", "NEW.refund_id = 2"):
        result = CliRunner().invoke(retail, ["quarantine", "replay", "--all", "--as-is"])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    assert result.output.count(": loaded") == 2
    assert "still cannot be used: certificate" in result.output
    assert {row["source_key"]: row["state"] for row in runs.quarantine()} == {
        "1": "replayed",
        "2": "open",
        "3": "replayed",
    }
