"""Prometheus metrics of a consumer: batches, times, lag, effects, dead letters by reason."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.runtime.records import Decision

REGISTRY: Final = CollectorRegistry()
_TIMES: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_batch = Histogram(
    "doublestar_batch_records",
    "records in a batch",
    ["consumer"],
    registry=REGISTRY,
    buckets=(1, 10, 50, 100, 250, 500, 1000),
)
_seconds = Histogram(
    "doublestar_batch_seconds", "time by phase: decide (reads and rules), commit, publish", ["consumer", "phase"],
    registry=REGISTRY, buckets=_TIMES,
)  # fmt: skip
_effects = Counter("doublestar_effects_total", "effects by kind", ["consumer", "kind"], registry=REGISTRY)
_dead = Counter("doublestar_dead_letters_total", "dead letters by reason", ["consumer", "reason"], registry=REGISTRY)
_retries = Counter(
    "doublestar_batch_retries_total", "batches decided again, by cause", ["consumer", "cause"], registry=REGISTRY
)
_lag = Gauge("doublestar_lag_records", "records not read yet", ["consumer", "topic", "partition"], registry=REGISTRY)

_due = Gauge(
    "doublestar_due_lag_seconds", "how long the first document that waits has been due", ["consumer"], registry=REGISTRY
)


def due_lag(consumer: str, seconds: float) -> None:
    """How late due work is."""
    _due.labels(consumer).set(seconds)


class Metrics:
    """One consumer's view of the metrics."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self.batch = _batch.labels(consumer)
        self.retries = _Retries(consumer)

    def published(self, seconds: float) -> None:
        """A batch's announcements are out and its outbox document is gone."""
        _seconds.labels(self._consumer, "publish").observe(seconds)

    def committed(self, decision: Decision, decide_s: float, commit_s: float) -> None:
        """A batch is committed."""
        for phase, seconds in (("decide", decide_s), ("commit", commit_s)):
            _seconds.labels(self._consumer, phase).observe(seconds)
        for what, number in decision.counts.items():
            if what.startswith("dead_letter:"):
                _dead.labels(self._consumer, what.partition(":")[2]).inc(number)
            else:
                _effects.labels(self._consumer, what).inc(number)

    def lag(self, topic: str, partition: int, records: int) -> None:
        """How far behind the end of a partition this worker is."""
        _lag.labels(self._consumer, topic, str(partition)).set(records)


class _Retries:
    def __init__(self, consumer: str) -> None:
        self._consumer = consumer

    def labels(self, cause: str) -> Counter:
        """The counter of one cause."""
        return _retries.labels(self._consumer, cause)
