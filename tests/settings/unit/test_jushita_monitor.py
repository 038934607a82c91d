from __future__ import annotations

from datetime import timedelta

import pytest
import yaml
from pydantic import ValidationError

from retail_pipeline.settings.file import DEFAULT_PATH
from retail_pipeline.settings.jushita_monitor import FeedMonitor
from retail_pipeline.settings.retail import Jushita, Settings
from tests.plain_fixtures import SETTINGS


def test_the_file_that_comes_with_the_project_shows_the_defaults():
    shipped = Settings.model_validate(yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8")))

    assert shipped.feed_monitor() == FeedMonitor()
    assert shipped.jushita
    assert [each.name for each in shipped.jushita.instances] == ["rds"]


def test_without_a_section_the_monitor_has_its_defaults():
    bare = Settings.model_validate(yaml.safe_load(SETTINGS))

    assert bare.feed_monitor() == FeedMonitor()


def test_given_settings_replace_the_defaults():
    section = {"every_minutes": 5, "calm_minutes": 0, "keep_days": 8, "retention": {"days": 7}}
    monitor = Jushita(monitor=section).monitor

    assert (monitor.every_minutes, monitor.retention.days) == (5, 7)
    assert (monitor.calm, monitor.keep) == (timedelta(0), timedelta(days=8))


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ({"every_minutes": 7}, "every_minutes"),
        ({"lag": {}}, "lag"),
        ({"keep_days": 7}, "keep_days"),  # fewer than a week of what is usual
        ({"feed_lag": {"median": 1}}, r"feed_lag\.median"),
        ({"feed_lag": {"share_over_3_seconds": 5}}, "share_over_3_seconds"),
        ({"volume": {"min_share": 1.1}}, "min_share"),
        ({"own_lag": {"minutes": 0}}, r"own_lag\.minutes"),
        ({"retention": {"days": 0}}, r"retention\.days"),
    ],
)
def test_a_limit_that_cannot_be_meant_is_refused(section, named):
    with pytest.raises(ValidationError, match=named):
        FeedMonitor.model_validate(section)
