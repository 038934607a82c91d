"""What is kept of a call that a vendor did not accept. Pure."""

from __future__ import annotations

import json

from retail_pipeline.errors import ApiError


def failure_record(error: ApiError, body: str) -> str:
    """Return what is kept of a report that was not accepted: the vendor's own answer, or else what was sent."""
    if error.code is not None and error.reply is not None:
        return error.reply
    return json.dumps({"no_answer": str(error), "reply": error.reply, "sent": body}, ensure_ascii=False)
