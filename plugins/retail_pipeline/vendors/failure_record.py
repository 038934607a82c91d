"""The record of a call that a vendor did not accept. Pure."""

from __future__ import annotations

import json

from retail_pipeline.errors import ApiError


def failure_record(error: ApiError, body: str) -> str:
    """Return the record of a report that was not accepted: the vendor's answer, or else the data that was sent."""
    if error.code is not None and error.reply is not None:
        return error.reply
    return json.dumps({"no_answer": str(error), "reply": error.reply, "sent": body}, ensure_ascii=False)
