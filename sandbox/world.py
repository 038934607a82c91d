"""All state of one sandbox. Reset throws it away and makes it anew from the seed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.business_clock import BusinessClock
from sandbox.faults import OPTIONS, Faults, Options, taken_by_all
from sandbox.journal import Journal
from sandbox.vendor import Control, FaultEffect, Handler, Vendor


@dataclass(frozen=True, slots=True)
class Route:
    vendor: Vendor
    handler: Handler
    effects: Mapping[str, FaultEffect]


class World:
    def __init__(self, vendors: Sequence[Callable[[int], Vendor]], seed: int) -> None:
        self._makers = vendors
        self._first_seed = seed
        self._start(seed)

    def _start(self, seed: int) -> None:
        self.seed = seed
        self.clock = BusinessClock()
        self.faults = Faults()
        self.alerts: list[dict[str, Any]] = []
        self.ended = asyncio.Event()  # wakes those that hang or are slow
        self.vendors = [make(seed) for make in self._makers]
        self.journal = Journal([secret for vendor in self.vendors for secret in vendor.secrets()])
        self.routes = {
            path: Route(vendor, handler, vendor.faults(path))
            for vendor in self.vendors
            for path, handler in vendor.routes().items()
        }

    def reset(self, seed: int | None = None) -> None:
        """Everything as it was at the start, or as it would be with another seed."""
        self.ended.set()
        self._start(self._first_seed if seed is None else seed)

    def read_outs(self) -> dict[str, Callable[[], list[dict[str, Any]]]]:
        return {name: read for vendor in self.vendors for name, read in vendor.read_outs().items()}

    def controls(self) -> dict[str, Mapping[str, Control]]:
        return {name: acts for vendor in self.vendors for name, acts in vendor.controls().items()}

    def apps_of(self, path: str) -> set[str]:
        """The names of the apps that can call something below this path."""
        return {app["name"] for route in self._below(path) for app in route.vendor.credentials()}

    def fault_kinds(self, path: str) -> dict[str, Options]:
        """What can befall every call below this path, with its options; empty when there are none."""
        known = [_kinds(route) for route in self._below(path)]
        shared = set.intersection(*map(set, known)) if known else set()
        return {kind: taken_by_all([kinds[kind] for kinds in known]) for kind in shared}

    def _below(self, path: str) -> list[Route]:
        return [route for known, route in self.routes.items() if known.startswith(path)]


def _kinds(route: Route) -> dict[str, Options]:
    own = route.vendor.fault_options()
    return {**OPTIONS, **{kind: own.get(kind, ({}, {})) for kind in route.effects}}
