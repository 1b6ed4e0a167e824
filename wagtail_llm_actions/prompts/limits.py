"""
What rendering a template may cost, and the budget that is spent while it happens.

Every limit is on something that is counted, not on time, so that a template which renders once
renders always. Together they keep the worst template under a second and some tens of megabytes.
"""

from typing import Any

from wagtail_llm_actions.exceptions import PromptLimitError

MAX_TEMPLATE_LENGTH = 100_000
"""Characters of a template."""
MAX_TOKENS = 6_000
"""Words and signs inside the braces of a template; a text between two tags counts as one."""
MAX_DEPTH = 40
"""How deeply tags and expressions of a template may be nested."""
MAX_VALUES_LENGTH = 4_000_000
"""Characters of all variables; a source counts by its name and in ``sources``."""
MAX_DICT_DEPTH = 5
MAX_TEXT_LENGTH = 2_000_000
"""Characters of any text that a template makes on the way."""
MAX_OUTPUT_LENGTH = 4_000_000
"""Characters of the rendered prompt."""
MAX_ITERATIONS = 10_000
"""Rounds of all loops together."""
MAX_NUMBER = 10**15
MAX_WORK = 20_000_000
"""Characters that all operations go through together."""
WORK_PER_NODE = 100
"""What evaluating one part of a loop's body costs besides, in characters."""
SEARCH_LENGTH = 30_000
"""Above it, Python's search takes time in proportion to the text, whatever is looked for."""


class Budget:
    """What one rendering has left to spend."""

    def __init__(self) -> None:
        self.work = MAX_WORK
        self.iterations = MAX_ITERATIONS
        self.output = MAX_OUTPUT_LENGTH

    def spend(self, work: int) -> None:
        """
        Take ``work`` characters off the budget, before they are gone through.

        :raises PromptLimitError: if there are not so many left.
        """
        self.work -= work
        if self.work < 0:
            raise PromptLimitError(f"the template does more work than {MAX_WORK} characters")

    def spend_search(self, length: int, wanted: int) -> None:
        """Take a search for ``wanted`` characters in ``length`` off the budget, at its worst."""
        self.spend(length + (length * wanted // 10 if length < SEARCH_LENGTH else wanted))

    def enter_loop(self, rounds: int, nodes: int) -> None:
        """
        Take a loop off the budget, before its first round.

        :param nodes: how many parts its body has.
        :raises PromptLimitError: if it has too many rounds, or does too much.
        """
        self.iterations -= rounds
        if self.iterations < 0:
            raise PromptLimitError(f"the loops take more than {MAX_ITERATIONS} rounds")
        self.spend(rounds * nodes * WORK_PER_NODE)

    def make_list(self, items: int) -> None:
        """
        Take a list of ``items`` that were none before off the budget.

        :raises PromptLimitError: if it is longer than any loop may be.
        """
        if items > MAX_ITERATIONS:
            raise PromptLimitError(f"a list of {items} is too long")
        self.spend(items * WORK_PER_NODE)

    def write(self, length: int) -> None:
        """
        Take ``length`` characters off what the prompt may still grow.

        :raises PromptLimitError: if the prompt becomes too long.
        """
        self.output -= length
        if self.output < 0:
            raise PromptLimitError(f"the prompt has more than {MAX_OUTPUT_LENGTH} characters")


def check_length(length: int) -> None:
    """
    Make sure that a text of ``length`` characters may be made.

    :raises PromptLimitError: if it may not.
    """
    if length > MAX_TEXT_LENGTH:
        raise PromptLimitError(f"the template makes a text of {length} characters")


def check_number(number: Any) -> Any:
    """
    Return ``number`` if it is one of reasonable size.

    :raises PromptLimitError: if it is not.
    """
    if abs(number) > MAX_NUMBER:
        raise PromptLimitError("the template uses too large a number")
    return number
