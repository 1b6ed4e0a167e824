"""Choosers of LLM actions, templates and configurations: their names are told to whom they concern."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from wagtail.snippets.views.chooser import SnippetChooserViewSet

from wagtail_llm_actions.permissions import can_choose


class GuardedChooserViewSet(SnippetChooserViewSet):
    """Chooses for who may see such rows, or keeps what they are chosen in."""

    def construct_view(self, view_class, **kwargs):
        """Return the view as Wagtail calls it."""
        view = super().construct_view(view_class, **kwargs)

        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not can_choose(request.user, self.model):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded
