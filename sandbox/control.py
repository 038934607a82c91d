"""The control API below /_control/: what a test or a demo does to the sandbox, and reads from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from sandbox import shape
from sandbox.business_clock import from_iso, iso
from sandbox.strict_json import parse_object
from sandbox.vendor import Call, Control, Reply
from sandbox.world import World

PREFIX = "/_control/"
Fields = dict[str, Any]
Action = Callable[[World, Fields], object]


def control(world: World, call: Call) -> Reply:
    """GET takes its fields from the query, POST and DELETE from a JSON object (an empty body is {})."""
    try:
        result = _action(world, call)(world, _fields(call))
        if isinstance(result, Reply):
            return result
    except (shape.BadShape, ValueError) as wrong:
        return Reply(json.dumps({"error": str(wrong)}, ensure_ascii=False), 400, str(wrong), 400)
    return Reply(json.dumps(result, ensure_ascii=False, default=float))


def _action(world: World, call: Call) -> Action:
    name = call.path.removeprefix(PREFIX)
    actions = {**_ACTIONS, **{known: {"GET": _read_out(known)} for known in world.read_outs()}}
    for known, acts in world.controls().items():
        actions[known] = {method: _vendors_own(act) for method, act in acts.items()}
    if name not in actions:
        raise shape.BadShape(f"unknown control path {call.path}; known are {', '.join(sorted(actions))}")
    if call.method not in actions[name]:
        raise shape.BadShape(f"{name} takes {' or '.join(actions[name])}, not {call.method}")
    return actions[name][call.method]


def _fields(call: Call) -> Fields:
    if call.method == "GET":
        return dict(parse_qsl(call.query))
    return parse_object(call.body or b"{}")


def _reading(read: Callable[[World], object]) -> Action:
    def action(world: World, fields: Fields) -> object:
        shape.record(fields, "query", {})
        return read(world)

    return action


def _read_out(name: str) -> Action:
    return _reading(lambda world: world.read_outs()[name]())


def _vendors_own(act: Control) -> Action:
    return lambda world, fields: act(fields, world.clock.now())


def _health(world: World) -> object:
    return {"status": "ok", "seed": world.seed, "vendors": [vendor.name for vendor in world.vendors]}


def _credentials(world: World) -> object:
    return {vendor.name: vendor.credentials() for vendor in world.vendors}


def _reset(world: World, fields: Fields) -> object:
    shape.record(fields, "body", {})
    world.reset()
    return {"seed": world.seed}


def _seed(world: World, fields: Fields) -> object:
    shape.record(fields, "body", {"seed": shape.integer})
    world.reset(fields["seed"])
    return {"seed": world.seed}


def _set_clock(world: World, fields: Fields) -> object:
    shape.record(fields, "body", {"now": shape.anything}, {"frozen": shape.boolean})
    if fields["now"] is None:
        world.clock.follow_real_time()
    else:
        shape.text(fields["now"], "body.now")
        world.clock.set(from_iso(fields["now"]), frozen=fields.get("frozen", False))
    return world.clock.describe()


def _add_fault(world: World, fields: Fields) -> object:
    path = fields.get("path")
    shape.text(path, "fault.path")
    kinds = world.fault_kinds(str(path))
    if not kinds:
        raise shape.BadShape(
            f"no vendor has a path beginning with {path}; known are {', '.join(world.routes)}"
        )
    return world.faults.add(fields, kinds, world.apps_of(str(path))).describe()


def _clear_faults(world: World, fields: Fields) -> object:
    shape.record(fields, "body", {})
    world.faults.clear()
    return []


def _journal(world: World, fields: Fields) -> object:
    shape.record(fields, "query", {}, {"after": shape.text})
    return world.journal.listing(int(fields.get("after", "0")))


def _alert(world: World, fields: Fields) -> object:
    world.alerts.append({"seq": len(world.alerts) + 1, "at": iso(world.clock.now()), "alert": fields})
    return {"seq": len(world.alerts)}


_ACTIONS: dict[str, dict[str, Action]] = {
    "health": {"GET": _reading(_health)},
    "credentials": {"GET": _reading(_credentials)},
    "reset": {"POST": _reset},
    "seed": {"POST": _seed},
    "clock": {"GET": _reading(lambda world: world.clock.describe()), "POST": _set_clock},
    "faults": {
        "GET": _reading(lambda world: world.faults.listing()),
        "POST": _add_fault,
        "DELETE": _clear_faults,
    },
    "journal": {"GET": _journal},
    "alerts": {"GET": _reading(lambda world: world.alerts), "POST": _alert},
}
