"""Views of what may be for one site: others' rows do not exist there, and those for all are only read."""

from functools import wraps

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.functional import cached_property
from wagtail.admin.views.generic import CopyViewMixin, InspectView
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.generic.models import RevisionsCompareView
from wagtail.admin.views.generic.usage import UsageView
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
    SnippetChosenMultipleView,
    SnippetChosenView,
)

from wagtail_llm_actions.compat import permission_policy_for
from wagtail_llm_actions.models import LLMAction, LLMConfig, PromptTemplate
from wagtail_llm_actions.permissions import can_choose
from wagtail_llm_actions.sites import may_keep, may_see, own_sites, seen_by

READING = (CopyViewMixin, HistoryView, InspectView, RevisionsCompareView, UsageView)
"""The views of one row that change nothing in it."""


class SeparatedViewSet:
    """Guards every view of a viewset that is of one row, whichever Wagtail has."""

    def construct_view(self, view_class, **kwargs):
        """Return the view as Wagtail calls it."""
        view = super().construct_view(view_class, **kwargs)

        @wraps(view)
        def guarded(request, *args, **kwargs):
            if "pk" in kwargs:
                self._guard(request.user, unquote(str(kwargs["pk"])), view_class)
            return view(request, *args, **kwargs)

        return guarded

    @cached_property
    def url_finder_class(self):
        """What knows the address of a row's form, for who may open it; on 7.4 it asks no policy."""

        class Finder(super().url_finder_class):
            def __init__(self, user=None):
                super().__init__(user)
                self._asking = user

            def get_edit_url(self, instance):
                if self._asking and not may_keep(self._asking, instance):
                    return None
                return super().get_edit_url(instance)

        return Finder

    def _guard(self, user, key, view_class):
        if own_sites(user) is None:
            return
        row = self.model._default_manager.filter(pk=key).first() if key.isdecimal() else None
        if row is None:
            return  # the view says so
        if not may_see(user, row):
            raise Http404
        if not issubclass(view_class, READING) and not may_keep(user, row):
            raise PermissionDenied


class SeparatedIndexMixin:
    """A listing that leads to no form which would be refused."""

    def get_edit_url(self, instance):
        return super().get_edit_url(instance) if may_keep(self.request.user, instance) else None

    def get_delete_url(self, instance):
        return super().get_delete_url(instance) if may_keep(self.request.user, instance) else None


class _SeenOnly:
    """A list of what can be chosen, without what is of other sites."""

    def get_object_list(self):
        return seen_by(self.request.user, super().get_object_list())


class _SeenChoose(_SeenOnly, ChooseView):
    pass


class _SeenResults(_SeenOnly, ChooseResultsView):
    pass


class _SeenChosen(SnippetChosenView):
    def get_object(self, pk):
        return seen_by(self.request.user, self.model_class.objects.all()).get(pk=pk)


class _SeenChosenMultiple(SnippetChosenMultipleView):
    def get_objects(self, pks):
        return seen_by(self.request.user, super().get_objects(pks))


class OwnChooserViewSet(SnippetChooserViewSet):
    """
    Chooses among what one sees, for who may see such rows or keeps what they are chosen in.

    Nothing is made in it: the form for that is missing in Wagtail, which fails when it is posted.
    """

    choose_view_class = _SeenChoose
    choose_results_view_class = _SeenResults
    chosen_view_class = _SeenChosen
    chosen_multiple_view_class = _SeenChosenMultiple

    def construct_view(self, view_class, **kwargs):
        """Return the view as Wagtail calls it."""
        view = super().construct_view(view_class, **kwargs)

        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not can_choose(request.user, self.model):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    def get_urlpatterns(self):
        """Return the addresses of the views."""
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]


class DeleteTicked(DeleteBulkAction):
    """Deletes snippets that are ticked in a listing, for who may delete some; for others it names none."""

    models = (LLMAction, PromptTemplate, LLMConfig)

    def dispatch(self, request, *args, **kwargs):
        if not permission_policy_for(self.model).user_has_permission(request.user, "delete"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_all_objects_in_listing_query(self, parent_id):
        return seen_by(self.request.user, self.model.objects.all()).values_list("pk", flat=True)

    def check_perm(self, snippet):
        if not may_see(self.request.user, snippet):
            raise Http404
        return may_keep(self.request.user, snippet) and super().check_perm(snippet)
