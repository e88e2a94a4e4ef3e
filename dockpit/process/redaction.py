"""Redaction of passwords in addresses and of values whose names suggest a secret."""

from __future__ import annotations

import re

_URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]*):[^/\s]*@")
_NAMED_SECRET = re.compile(
    r"([\w-]*(?:password|passwd|secret|token|api_?key|authorization)[\w-]*['\"]?\s*[=:]\s*)"
    r"((?:bearer |basic )?[^\s,'\"]+|'[^']*'|\"[^\"]*\")",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """`text` with *** in place of passwords and tokens."""
    return _NAMED_SECRET.sub(r"\1***", _URL_PASSWORD.sub(r"\1:***@", text))
