"""Slugs: the names that export, import and the API know rows by."""

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _


class Slugged(models.Model):
    """
    A row with a name and a unique slug, which is made from the name where it is left blank.

    The form writes a new row's slug while the name is typed: one that says no more than the name
    is made unique as well.
    """

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100, unique=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        is_derived = self._state.adding and self.slug == slugify(self.name)
        if is_derived or not self.slug:
            self.slug = self._free_slug()

    def _free_slug(self):
        stem = slugify(self.name)[:90] or self._meta.model_name
        rows = type(self).objects.exclude(pk=self.pk)
        taken = set(rows.filter(slug__startswith=stem).values_list("slug", flat=True))
        if stem not in taken:
            return stem
        return next(slug for n in range(2, len(taken) + 3) if (slug := f"{stem}-{n}") not in taken)
