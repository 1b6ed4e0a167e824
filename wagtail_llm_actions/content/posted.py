"""
What the browser posted for one field of a form, kept to be put there again.

A widget may read several inputs, and what they are called only the widget knows: so it is watched
while it reads. The names are kept without the field's own, because blocks and children are
numbered anew in every form.
"""

from collections.abc import Mapping

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from wagtail_llm_actions.content.addresses import Place
from wagtail_llm_actions.content.forms import UNREADABLE

PostedPart = Mapping[str, list[str]]
"""The values of each input, by its name without that of the field it begins with."""


class _Watched(MultiValueDict):
    """Posted data that remember what was read."""

    def __init__(self, post: QueryDict):
        self.names: dict[str, None] = {}
        super().__init__(dict(post.lists()))

    def __getitem__(self, key):
        self.names[key] = None
        return super().__getitem__(key)

    def __contains__(self, key):
        self.names[key] = None
        return super().__contains__(key)

    def getlist(self, key, default=None):
        self.names[key] = None
        return super().getlist(key, default)


def posted_part(post: QueryDict, place: Place) -> dict[str, list[str]]:
    """Return what was posted for a field or block; empty if it cannot be read."""
    start = len(place.input_name)
    return {name[start:]: post.getlist(name) for name in _names(post, place) if name in post}


def with_part(post: QueryDict, place: Place, part: PostedPart) -> QueryDict:
    """Return posted data with ``part`` in the place of what stands there for a field or block."""
    result = post.copy()
    for name in _names(post, place):
        result.pop(name, None)
    for rest, values in part.items():
        result.setlist(place.input_name + rest, values)
    return result


def _names(post, place):
    watched = _Watched(post)
    reads = place.field.widget if place.block is None else place.block
    try:
        reads.value_from_datadict(watched, MultiValueDict(), place.input_name)
    except UNREADABLE:
        return []
    return [name for name in watched.names if name.startswith(place.input_name)]
