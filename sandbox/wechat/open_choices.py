"""What WeChat's documents leave open, and what this sandbox does. One entry, one sentence."""

from __future__ import annotations

# The hour at which a day's data is ready is not documented; posts report 61503 before 10:00, so 08:00 is ours.
READY_HOUR = 8

# The exact errmsg of these was in no text read; the meaning is documented, the wording is ours.
WORDINGS = {
    40002: "invalid grant_type",
    61500: "date format error",
    61503: "data not ready, please try later",
}

# Calls with the wrong method: 43002 is documented for POST-only calls; for the GET-only token call we mirror it.
REQUIRE_GET = (43001, "require GET method")

# A token call without a secret: not documented in the pages read, taken from the general code list.
SECRET_MISSING = (41004, "appsecret missing")

# A wrong secret is 40125 at both token calls, as clients see it live; the general code list has 40001 for it as well.
WRONG_SECRET = (40125, "invalid appsecret")

# A token that was never issued is 40014, one that was issued and then replaced or killed is 40001.
NEVER_ISSUED, REPLACED = 40014, 40001

# An unknown, missing or ill-typed member of a JSON body is 47001; of begin_date and end_date it is 61500.
BAD_MEMBER, BAD_DATE = 47001, 61500

# Checks run in this order: method, token, empty body, JSON, members, date form, date range, readiness.

# A forced refresh within 30 s of the last one answers with the token in force and does not count.
FORCE_GAP_SECONDS = 30

# The count of forced refreshes starts anew at midnight in Shanghai; the 21st of a day is 45009.
FORCES_A_DAY = 20

# In the last 5 minutes of a stable token a new one is given; the old one lives to its own end.
RENEW_SECONDS = 300

# No lower limit for the day asked: any past day has data.
