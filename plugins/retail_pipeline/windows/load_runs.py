"""What one Airflow run of a window load has to load: which window, which part of it, and for what purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

from retail_pipeline import clock
from retail_pipeline.business_time import FIRST_DAY, SHANGHAI, Window, at, local_time
from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.retail import LoadSettings
from retail_pipeline.settings.shapes import SEPARATORS
from retail_pipeline.tables.fingerprint import fingerprint
from retail_pipeline.windows.chunks import cut, cut_evenly, missing_intervals
from retail_pipeline.windows.ledger import BACKFILL, MANUAL, MAX_FILTERS, SCHEDULED, WindowLedger

_PURPOSES = {"scheduled": SCHEDULED, "backfill": BACKFILL}
WINDOW_ENDS = ("window_from", "window_to")
# The vendors answer for no longer window.
MAX_CHUNK = timedelta(days=30)
# A scheduled run cuts the windows that are due into so many chunks, and a few more if there are gaps between them.
CHUNKS_OF_A_LOAD = 8
# After this share of its interval a scheduled run begins no new transaction, so that it ends before the next is due.
SHARE_OF_INTERVAL = 0.75
Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class LoadRun:
    """One run.

    :param purpose: only ``scheduled`` runs read on from the watermark and move it
    :param window: the window that was asked for; None if it follows from the watermark
    :param filters: of the source's search, beside the window
    :param single: it asks for one record, whenever that was modified
    """

    pipeline: str
    run_id: str
    purpose: str
    window: Window | None
    filters: dict[str, str]
    planned_at: datetime
    single: bool = False

    @property
    def asked(self) -> Window:
        """Return the window that was asked for; if none was, an empty window at the present moment."""
        now = self.planned_at.replace(microsecond=0)
        return self.window or Window(now, now)

    @property
    def condition(self) -> str:
        """Return the filters as the ledger names them; "" if everything is loaded.

        A text that is too long for its column is cut and ends in its digest: other filters have another digest.
        """
        text = ", ".join(f"{name}={value}" for name, value in self.filters.items())
        if len(text) <= MAX_FILTERS:
            return text
        end = f"… (digest {fingerprint(text)})"
        return text[: MAX_FILTERS - len(end)] + end


def load_run(
    context: Mapping[str, Any],
    pipeline: str,
    settings: LoadSettings,
    *,
    filters: tuple[str, ...],
    lookup: str = "",
    now: datetime | None = None,
) -> LoadRun:
    """Read a run from the task's context.

    :param pipeline: as the settings and the ledger name it
    :param filters: the params that ask for a part of a window
    :param lookup: the one of them that asks for one record; "" if there is none
    :raises ConfigError: a param is wrong; the message names it
    """
    now = now or clock.now()
    dag_run, params = context["dag_run"], context["params"]
    run_type = str(getattr(dag_run.run_type, "value", dag_run.run_type))
    purpose = _PURPOSES.get(run_type, MANUAL)
    asked = _asked_filters(params, filters, lookup)
    window = _asked_window(params, now)
    single = lookup in asked
    if single:
        asked_at = now.replace(microsecond=0)
        # The record may have been modified at any time: the ledger notes when it was asked for.
        window = Window(asked_at, asked_at)
    if window is None and purpose == BACKFILL:
        end = dag_run.logical_date.astimezone(SHANGHAI)
        window = Window(end - settings.every, end)
    return LoadRun(
        pipeline=pipeline,
        run_id=dag_run.run_id,
        # A run that was asked for a window, or for a part of one, loads only that.
        purpose=MANUAL if purpose == SCHEDULED and (window or asked) else purpose,
        window=window,
        filters=asked,
        planned_at=now,
        single=single,
    )


def due_windows(
    ledger: WindowLedger, run: LoadRun, account: str, settings: LoadSettings, *, load_from: Any, now: datetime
) -> list[Window]:
    """Return the windows still to be read, from the lookback before the watermark to the safety delay before now.

    A window that can never be loaded holds the watermark back; complete windows after it are not read at every run.
    The first scheduled run sets the moment after which no record may be missed.

    No window is due that lies in the future by any clock, ours, the source's or the target's. Otherwise a certificate
    would speak of records that nobody can have read. Only the lookback is read once more.

    :param now: by the source's clock
    """
    now = min(now, min(run.planned_at, ledger.now()) + settings.lookback)
    watermark = ledger.watermark(run.pipeline, account)
    if watermark is None:
        watermark = first_watermark(load_from, now)
        if run.purpose == SCHEDULED:
            ledger.start_watermark(run.pipeline, account, watermark)
    if watermark > now:
        watermark = ledger.certain(run.pipeline, account, now) or now
    window = next_window(watermark, settings, now)
    if window is None:
        return []
    # Certificates have our clock's time: if that is ahead of the source's, windows were read earlier than they say.
    ahead = max(run.planned_at - now, timedelta())
    lateness = settings.lookback + settings.safety_delay + ahead
    return missing_intervals(window, ledger.read_for_good(run.pipeline, account, watermark, lateness, now))


def chunks_of(
    run: LoadRun, windows: Sequence[Window], settings: LoadSettings, sharers: int, mapped: int
) -> list[Window]:
    """Cut the windows of a run into chunks, one mapped task each: never more than Airflow maps in one run.

    The windows that are due become about eight chunks, however long they are, since other loads wait for the run's
    end. The next run loads what does not fit into eight chunks of the greatest length, or is not loaded in time. A
    window that was asked for is planned as a whole.

    :param windows: those that are due, or the one window that was asked for
    :param sharers: how many loads share the list of mapped tasks
    :param mapped: how many tasks the list may make
    :raises ConfigError: the chunks would be too long; the message says up to where one run can load
    """
    most = max(1, mapped // max(1, sharers))
    if run.window is None:
        return _due_chunks(windows, settings.chunk_length)[:most]
    window = run.window
    if window.end - window.start <= settings.chunk_length * most:
        return cut(window, settings.chunk_length)
    if window.end - window.start > MAX_CHUNK * most:
        until = local_time(window.start + MAX_CHUNK * most)
        raise ConfigError(
            f"param window_to: a run has {most} chunks for each of {sharers} loads, of {MAX_CHUNK.days} days at "
            f"most: ask up to {until:%Y-%m-%d %H:%M:%S}, and for the rest in further runs"
        )
    return cut_evenly(window, most)


def _due_chunks(windows: Sequence[Window], length: timedelta) -> list[Window]:
    """Cut the windows that are due, the earliest first.

    Each window gets at least one chunk, however many windows there are: one that fails at every run must not keep the
    others from being loaded.

    :param length: of a chunk, if that makes few of them
    """
    due = sum((window.end - window.start for window in windows), timedelta())
    if due <= length * CHUNKS_OF_A_LOAD:
        return [chunk for window in windows for chunk in cut(window, length)]
    even = min(due / CHUNKS_OF_A_LOAD, MAX_CHUNK * 2 / 3)  # by rounding, a chunk may be half as long again
    counts = (max(1, round((window.end - window.start) / even)) for window in windows)
    return [
        chunk
        for window, count in zip(windows, counts, strict=True)
        for chunk in cut_evenly(window, count)[:CHUNKS_OF_A_LOAD]
    ]


def nearly_done_first(
    planned: Iterable[tuple[Loaded, Sequence[Window | None]]],
) -> list[tuple[Loaded, Window | None]]:
    """Return a run's chunks in the order in which they begin: a load that is nearly done does not wait for old data.

    :param planned: loads with their chunks; None for one that could not be planned, and may keep its task waiting
    """
    never = datetime.min.replace(tzinfo=SHANGHAI)
    plans = [(load, chunks) for load, chunks in planned if chunks]
    plans.sort(key=lambda plan: plan[1][0].start if plan[1][0] else never, reverse=True)
    return [(load, chunk) for load, chunks in plans for chunk in chunks]


def loads_until(purpose: str, planned_at: datetime, settings: LoadSettings) -> datetime | None:
    """Return when a load stops beginning transactions, except its first; None if it loads to its window's end."""
    return planned_at + settings.every * SHARE_OF_INTERVAL if purpose == SCHEDULED else None


def next_window(watermark: datetime, settings: LoadSettings, now: datetime) -> Window | None:
    """Return the window between the last complete one and now; None if that is still empty.

    Records are committed a little later than their stamps say. So the newest are left to the next run (safety delay),
    and the time just before the watermark is read once more (lookback).
    """
    end = (now.astimezone(SHANGHAI) - settings.safety_delay).replace(microsecond=0)
    start = watermark.astimezone(SHANGHAI) - settings.lookback
    return Window(start, end) if watermark < end else None


def first_watermark(load_from: Any, now: datetime) -> datetime:
    """Return where scheduled loads begin: at the day that the settings name, or yesterday.

    :raises ConfigError: that day lies in the future
    """
    today = now.astimezone(SHANGHAI).date()
    if load_from and load_from > today:
        raise ConfigError(
            f"load_from in the settings file: {load_from} is still to come; allowed: up to {today}"
        )
    return at(load_from or today - timedelta(days=1), datetime.min.time())


def words_of(params: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the names that a param lists, each once, whatever people put between them; none if it is empty.

    :raises ConfigError: it is not empty but holds no name, or holds something that cannot be a name
    """
    text = _text(params, name)
    words = tuple(dict.fromkeys(word for word in SEPARATORS.split(text) if word))
    if (text and not words) or not all(map(str.isprintable, words)):
        raise ConfigError(f"param {name}: {text!r} names nothing; write e.g. a, b")
    return words


def _asked_filters(params: Mapping[str, Any], filters: tuple[str, ...], lookup: str) -> dict[str, str]:
    asked = {name: ",".join(words) for name in filters if (words := words_of(params, name))}
    if "," in asked.get(lookup, ""):
        raise ConfigError(f"param {lookup}: {asked[lookup]!r} is more than one; a run loads one")
    return asked


def _asked_window(params: Mapping[str, Any], now: datetime) -> Window | None:
    start, end = (_moment(params, name) for name in WINDOW_ENDS)
    if start is None and end is None:
        return None
    if start is None or end is None:
        lacking = WINDOW_ENDS[0 if start is None else 1]
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
    if local < at(FIRST_DAY, time()):
        raise ConfigError(f"param {name}: {text!r} is too early; allowed: {FIRST_DAY} or later")
    return local.replace(microsecond=0)


def _text(params: Mapping[str, Any], name: str) -> str:
    return str(params.get(name) or "").strip()
