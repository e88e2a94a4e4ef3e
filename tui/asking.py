"""The question that a plan asks of the user before it is carried out."""

from __future__ import annotations

from dataclasses import replace

from dockpit.model.plans import Plan
from widgets.confirm import Question

WORD = "kill"
LONGEST_WORD = 40


def question(plan: Plan) -> Question:
    """What `plan` does, and yes or no; for one that may kill a word must be typed, the name where it can be typed."""
    asked = Question.of(plan)
    typeable = asked.word.isascii() and asked.word.isprintable() and len(asked.word) <= LONGEST_WORD
    extra = f"to keep it when the container is made anew, in compose.yaml:\n{asked.extra}" if asked.extra else ""
    return replace(asked, word=asked.word.strip() if typeable and asked.word.strip() else WORD, extra=extra)
