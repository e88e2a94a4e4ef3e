"""The question that a plan puts to the user before it is carried out."""

from __future__ import annotations

from dataclasses import replace

from dockpit.model.plans import Plan
from widgets.dialogs.confirmation import ConfirmationRequest

FALLBACK_WORD = "kill"
MAX_WORD_CHARACTERS = 40


def plan_question(plan: Plan) -> ConfirmationRequest:
    """What `plan` does, to be answered by yes or no.

    For a plan that may kill a word must be typed: the container's name, or FALLBACK_WORD where a keyboard may not have
    its characters.
    """
    question = ConfirmationRequest.of(plan)
    word = question.word.strip()
    typeable = question.word.isascii() and question.word.isprintable() and len(question.word) <= MAX_WORD_CHARACTERS
    extra = f"to keep it when the container is recreated, in compose.yaml:\n{question.extra}" if question.extra else ""
    return replace(question, word=word if typeable and word else FALLBACK_WORD, extra=extra)
