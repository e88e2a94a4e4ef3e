"""What must not be written down: passwords in addresses and values of variables that are called secret."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"(?<=://)([^/\s:@]*):[^/\s]*@")
_NAMED = re.compile(
    r"([\w-]*(?:password|passwd|secret|token|api_?key|authorization)[\w-]*['\"]?\s*[=:]\s*)"
    r"((?:bearer |basic )?[^\s,'\"]+|'[^']*'|\"[^\"]*\")",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """`text` with *** in place of passwords and tokens."""
    return _NAMED.sub(r"\1***", _LOGIN.sub(r"\1:***@", text))
