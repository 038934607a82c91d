"""Claims, answers, crashes and retries in any order: each channel gets each alert, as often as the rule says.

The rule: an alert is sent to a channel until the channel has said that it took it and this is recorded. It is taken
twice only where an answer was lost, or who sent it died before he could record it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.channel import Answer, Pace
from retail_pipeline.alerts.delivery_record import LEASE, DeliveryRecord, settle
from retail_pipeline.alerts.message import compose
from retail_pipeline.alerts.once import _is_new
from tests.alerts.alert_record import HOUR, pass_time
from tests.conftest import server_url
from tests.examples import examples

CHANNELS = ("wecombot-1", "dingtalk-2")
SHOPS = 12
TAKEN, REFUSED = Answer(True, "0 ok"), Answer(False, "93000")


@dataclass
class Sender:
    """A process that sends to one channel: its message is on its way, until it is answered."""

    channel: str
    record: DeliveryRecord
    told: tuple[int, ...] = ()
    reached: bool = False


@dataclass
class Deliveries:
    """What the channels took, and how often they may have taken what they took before."""

    taken: Counter[tuple[str, int]] = field(default_factory=Counter)
    lost: Counter[tuple[str, int]] = field(default_factory=Counter)


class AlertMachine(RuleBasedStateMachine):
    """Senders that come, stand still and die, channels that take, refuse and are not heard."""

    warehouse: psycopg.Connection[Any]

    @initialize()
    def begin(self) -> None:
        self.warehouse.execute("TRUNCATE etl_alert, etl_alert_delivery, etl_alert_channel")
        self.senders: list[Sender] = []
        self.seen = Deliveries()

    @rule(shop=st.integers(1, SHOPS))
    def raise_alert(self, shop: int) -> None:
        alert = Alert(
            "report", f"shop{shop}", date(2026, 11, 22), AlertKind.LATE, "task", f"late {shop}", "why"
        )
        _is_new(self.warehouse, alert)

    @rule(channel=st.sampled_from(CHANNELS), room=st.sampled_from([160, 400, 2000]), last=st.booleans())
    def take(self, channel: str, room: int, last: bool) -> None:
        sender = Sender(channel, DeliveryRecord(channel, Pace()))
        if due := sender.record.take(self.warehouse):
            sender.told = compose(due, room, all_of_them=last).told
            sender.record.tried(self.warehouse, sender.told)
            self.senders.append(sender)

    @rule(number=st.integers(0, 3))
    def channel_takes(self, number: int) -> None:
        """The message is there; its answer is on its way."""
        for sender in self.senders[number : number + 1]:
            if not sender.reached:
                sender.reached = True
                self.seen.taken.update((sender.channel, alert) for alert in sender.told)

    @rule(number=st.integers(0, 3), alerted=st.booleans())
    def answer(self, number: int, alerted: bool) -> None:
        """The sender hears what the channel says, or that nothing came; and records it, however late that is."""
        for sender in self.senders[number : number + 1]:
            self.senders.remove(sender)
            answer = TAKEN if sender.reached and alerted else REFUSED
            if sender.reached and not alerted:
                self._lose(sender)
            sender.record.answered(self.warehouse, sender.told, answer, CHANNELS)

    @rule(number=st.integers(0, 3))
    def die(self, number: int) -> None:
        for sender in self.senders[number : number + 1]:
            self.senders.remove(sender)
            if sender.reached:
                self._lose(sender)

    @rule(by=st.sampled_from([timedelta(seconds=10), LEASE, HOUR]))
    def time_passes(self, by: timedelta) -> None:
        pass_time(self.warehouse, by)
        if by >= LEASE:
            # Others may send now: what is still on its way may be taken twice.
            for sender in self.senders:
                self._lose(sender)

    @rule()
    def settle(self) -> None:
        settle(self.warehouse, CHANNELS)

    @invariant()
    def nothing_is_taken_more_often_than_answers_were_lost(self) -> None:
        for key, count in self.seen.taken.items():
            assert count <= 1 + self.seen.lost[key]

    @invariant()
    def one_at_a_time_sends_to_a_channel(self) -> None:
        sending = Counter(
            sender.channel for sender in self.senders if sender.told and not self._given_up(sender)
        )
        assert all(count <= 1 for count in sending.values())

    def teardown(self) -> None:
        """In the end, when the channels live, each has each alert; who sends just now dies."""
        for sender in self.senders:
            if sender.reached:
                self._lose(sender)
        self.senders = []
        for channel in CHANNELS:
            pass_time(self.warehouse)
            while due := (record := DeliveryRecord(channel, Pace())).take(self.warehouse):
                told = compose(due, 400, all_of_them=False).told
                record.tried(self.warehouse, told)
                self.seen.taken.update((channel, alert) for alert in told)
                record.answered(self.warehouse, told, TAKEN, CHANNELS)
        raised = [row[0] for row in self.warehouse.execute("SELECT id FROM etl_alert").fetchall()]
        assert {(channel, alert) for channel in CHANNELS for alert in raised} == set(self.seen.taken)
        assert self.warehouse.execute("SELECT count(*) FROM etl_alert WHERE sent_at IS NULL").fetchone() == (
            0,
        )
        self.nothing_is_taken_more_often_than_answers_were_lost()

    def _lose(self, sender: Sender) -> None:
        self.seen.lost.update((sender.channel, alert) for alert in sender.told)

    def _given_up(self, sender: Sender) -> bool:
        return any(self.seen.lost[sender.channel, alert] for alert in sender.told)


@pytest.fixture
def database(warehouse: psycopg.Connection[Any]) -> Iterator[None]:
    with psycopg.connect(server_url("WAREHOUSE_POSTGRES_URL"), autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        AlertMachine.warehouse = connection
        yield


def test_each_channel_gets_each_alert_and_no_more_often_than_the_rule_says(database: None) -> None:
    run_state_machine_as_test(
        AlertMachine, settings=settings(max_examples=examples(25), stateful_step_count=30, deadline=None)
    )
