"""The site in a form: one of those that the user may make something for."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.snippets.widgets import AdminSnippetChooser

from wagtail_llm_actions.sites import own_sites, seen_by, sites_for


class OwnSitesForm(WagtailAdminModelForm):
    """Offers one's own sites, and all of them together only to who keeps them all."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = own_sites(self.for_user) if self.for_user else None
        self._is_held_back = own is not None
        if field := self.fields.get("site"):
            field.empty_label = gettext("Every site")
            if self._is_held_back:
                self._offer_own(field, own)

    def _offer_own(self, field, own):
        field.queryset = sites_for(self.for_user)
        field.empty_label = gettext("Choose a site")
        if self.instance.site_id not in own:  # new, or a copy
            self.initial["site"] = next(iter(own)) if len(own) == 1 else None

    def clean_site(self):
        """Refuse what would be for every site; a draft too."""
        site = self.cleaned_data["site"]
        if site is None and self._is_held_back:
            raise ValidationError(gettext("Choose one of your sites."))
        return site

    def offer_seen(self, name):
        """Let a field name only what the user sees of other rows."""
        field = self.fields.get(name)
        if field and self.for_user:
            field.queryset = seen_by(self.for_user, field.queryset)
            field.widget = SeenChooser(field.queryset)


class SeenChooser(AdminSnippetChooser):
    """Names only some rows, whatever key is posted."""

    def __init__(self, rows, **kwargs):
        super().__init__(model=rows.model, **kwargs)
        self._rows = rows

    def get_instance(self, value):
        row = super().get_instance(value)
        return row if row and self._rows.filter(pk=row.pk).exists() else None
