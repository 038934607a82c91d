"""What one Airflow run of a window load is about: which window, for what purpose, what part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI, Window, at
from retail_pipeline.errors import ConfigError
from retail_pipeline.settings import WindowLoad
from retail_pipeline.slices import uncovered
from retail_pipeline.window_ledger import BACKFILL, MANUAL, SCHEDULED, WindowLedger

_PURPOSES = {"scheduled": SCHEDULED, "backfill": BACKFILL}


@dataclass(frozen=True)
class LoadRun:
    """One run.

    :param purpose: only ``scheduled`` runs read on from the watermark and move it
    :param window: what was asked for; None where it follows from the watermark
    :param filters: of the source's search, beside the window
    """

    pipeline: str
    run_id: str
    purpose: str
    window: Window | None
    filters: dict[str, str]
    planned_at: datetime

    @property
    def asked(self) -> Window:
        """Return the window that was asked for, an empty one of now where none was."""
        now = self.planned_at.replace(microsecond=0)
        return self.window or Window(now, now)

    @property
    def condition(self) -> str:
        """Return the filters as the ledger names them; "" where everything is loaded."""
        return ", ".join(f"{name}={value}" for name, value in self.filters.items())


def load_run(
    context: Mapping[str, Any],
    pipeline: str,
    settings: WindowLoad,
    *,
    filters: tuple[str, ...],
    now: datetime | None = None,
) -> LoadRun:
    """Read a run from the task's context.

    :param pipeline: as the settings and the ledger name it
    :param filters: the params that ask for a part of what a window holds

    :raises ConfigError: a param is wrong; the message names it
    """
    now = now or clock.now()
    dag_run, params = context["dag_run"], context["params"]
    run_type = str(getattr(dag_run.run_type, "value", dag_run.run_type))
    purpose = _PURPOSES.get(run_type, MANUAL)
    asked = {name: _text(params, name) for name in filters if _text(params, name)}
    window = _asked_window(params, now)
    if "refund_no" in asked:
        asked_at = now.replace(microsecond=0)
        # Whenever it was modified: the ledger notes when it was asked for.
        window = Window(asked_at, asked_at)
    if window is None and purpose == BACKFILL:
        end = dag_run.logical_date.astimezone(SHANGHAI)
        window = Window(end - settings.every, end)
    return LoadRun(
        pipeline=pipeline,
        run_id=dag_run.run_id,
        # Whoever asks for a window, or for a part, asks for that alone.
        purpose=MANUAL if purpose == SCHEDULED and (window or asked) else purpose,
        window=window,
        filters=asked,
        planned_at=now,
    )


def due_windows(
    ledger: WindowLedger, run: LoadRun, account: str, settings: WindowLoad, *, load_from: Any, now: datetime
) -> list[Window]:
    """Return what has not been read for good yet, from a while before the watermark to a while ago.

    A window that can never be loaded holds the watermark back; what is complete behind it is not read at every run.
    The first scheduled run says from where on nothing may be missed.

    Nothing is due that lies in the future of any clock, ours, the source's or the target's, but the overlap, which is
    read once more: else a certificate would speak of what nobody can have read.

    :param now: by the source's clock
    """
    now = min(now, min(run.planned_at, ledger.now()) + settings.overlap)
    start = first_watermark(load_from, now)
    if run.purpose == SCHEDULED:
        ledger.start_watermark(run.pipeline, account, start)
    watermark = ledger.watermark(run.pipeline, account) or start
    if watermark > now:
        watermark = ledger.certain(run.pipeline, account, now) or now
    window = next_window(watermark, settings, now)
    if window is None:
        return []
    # Certificates bear our clock's time: where that is ahead of the source's, they were read sooner than they say.
    ahead = max(run.planned_at - now, timedelta())
    lateness = settings.overlap + settings.settle + ahead
    return uncovered(window, ledger.read_for_good(run.pipeline, account, watermark, lateness, now))


def next_window(watermark: datetime, settings: WindowLoad, now: datetime) -> Window | None:
    """Return what lies between the last complete window and now; None where that is nothing yet.

    Records are committed a little later than their stamps say, so the youngest are left to the next run, and the
    window's beginning is read once more.
    """
    end = (now.astimezone(SHANGHAI) - settings.settle).replace(microsecond=0)
    start = watermark.astimezone(SHANGHAI) - settings.overlap
    return Window(start, end) if watermark < end else None


def first_watermark(load_from: Any, now: datetime) -> datetime:
    """Return from where on scheduled loads are answerable: the day that the settings name, or yesterday."""
    yesterday = now.astimezone(SHANGHAI).date() - timedelta(days=1)
    return at(load_from or yesterday, datetime.min.time())


def _asked_window(params: Mapping[str, Any], now: datetime) -> Window | None:
    start, end = _moment(params, "window_from"), _moment(params, "window_to")
    if start is None and end is None:
        return None
    if start is None or end is None:
        lacking = "window_from" if start is None else "window_to"
        raise ConfigError(f"param {lacking} is empty: a window needs both ends")
    if start >= end:
        raise ConfigError(f"param window_from: {start:%Y-%m-%d %H:%M:%S} is not before window_to")
    if end > now:
        raise ConfigError(f"param window_to: {end:%Y-%m-%d %H:%M:%S} lies in the future")
    return Window(start, end)


def _moment(params: Mapping[str, Any], name: str) -> datetime | None:
    text = _text(params, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        local = moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        raise ConfigError(f"param {name}: {text!r} is no time; write e.g. 2026-11-22 10:00:00") from None
    return local.replace(microsecond=0)


def _text(params: Mapping[str, Any], name: str) -> str:
    return str(params.get(name) or "").strip()
