"""The worker's health check reads out of Redis's list of connections when this worker published last."""

from __future__ import annotations

from compose.worker_alive import heartbeat_seconds

# As Redis 7 lists the connections of a worker: what it waits with, what it publishes by, two of them; and another's.
LISTED = """\
id=12 addr=172.18.0.10:43206 laddr=172.18.0.8:6379 age=56 idle=0 flags=N events=r cmd=brpop user=default
id=16 addr=172.18.0.10:43246 laddr=172.18.0.8:6379 age=56 idle=56 flags=N events=r cmd=publish user=default
id=19 addr=172.18.0.10:43262 laddr=172.18.0.8:6379 age=55 idle=11 flags=N events=r cmd=publish user=default
id=21 addr=172.18.0.100:43262 laddr=172.18.0.8:6379 age=55 idle=1 flags=N events=r cmd=publish user=default
"""


def test_the_latest_heartbeat_counts():
    assert heartbeat_seconds(LISTED, "172.18.0.10") == 11


def test_another_workers_heartbeat_does_not_count():
    assert heartbeat_seconds(LISTED, "172.18.0.1") == float("inf")
    assert heartbeat_seconds(LISTED, "172.18.0.100") == 1
