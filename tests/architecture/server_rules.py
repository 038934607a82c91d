"""What SQL must not ask, since not every server that it is for has it."""

from __future__ import annotations

import re

# MySQL has neither from 9.6 on.
_GONE = re.compile(r"\b(?:md5|sha1?)\s*\(", re.IGNORECASE)
_AFTER_5_5 = {
    "common table expression": r"\bwith\s+(?:recursive\s+)?[`\w]+\s*(?:\([^()]*\)\s*)?as\s*\(",
    "window function": r"\bover\s*(?:\(|[`\w])",
    "JSON": r"\bjson_\w+\s*\(|->|\bas\s+json\b|\bmember\s+of\b",
    "part of a second": r"\b(?:now|sysdate|current_time(?:stamp)?|curtime|localtime(?:stamp)?|utc_time(?:stamp)?"
    r"|datetime|time(?:stamp)?)\s*\(\s*[1-6]\s*\)",
    "regular expression as a function": r"\bregexp_\w+\s*\(",
    "lateral": r"\blateral\b",
    "set operation": r"\b(?:except|intersect)\b",
    "lock that does not wait": r"\bskip\s+locked\b|\bnowait\b|\bfor\s+share\b|\bfor\s+update\s+of\b",
    "read-only transaction": r"\btransaction\b[^;]*\bread\s+(?:only|write)\b",
    "table of values": r"\bvalues\s+row\s*\(|\breturning\b",
    "function": r"\b(?:any_value|to_base64|from_base64|random_bytes|inet6_\w+|uuid_to_bin|bin_to_uuid|is_uuid"
    r"|grouping)\s*\(",
}  # fmt: skip
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)


def gone_digests(text: str) -> list[str]:
    """Return the calls of digests that servers have given up; comments may speak of them."""
    return _GONE.findall(_COMMENT.sub(" ", text))


def later_than_5_5(sql: str) -> list[str]:
    """Return what MySQL 5.5 has not, by its name, of that which is no comment and no text in quotes."""
    plain = _COMMENT.sub(" ", _TEXT.sub("''", sql))
    return [name for name, form in _AFTER_5_5.items() if re.search(form, plain, re.IGNORECASE)]
