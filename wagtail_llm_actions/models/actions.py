"""LLM actions: what fills one destination field."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import connections, models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import (
    ClusterableModel,
    get_all_child_m2m_relations,
    get_all_child_relations,
)
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin, Orderable, RevisionMixin
from wagtail.search import index

from wagtail_llm_actions.exceptions import PromptError
from wagtail_llm_actions.models.parameters import ModelParameters
from wagtail_llm_actions.models.paths import destination_problem, source_problem
from wagtail_llm_actions.models.publication import CheckedPublication
from wagtail_llm_actions.models.slugs import Slugged
from wagtail_llm_actions.prompts import check_template
from wagtail_llm_actions.values import OutputMode


class LLMActionQuerySet(models.QuerySet):
    """Filters over LLM actions."""

    def live(self):
        """Return the actions that are published."""
        return self.filter(live=True)

    def for_destinations(self, types, site_id=None):
        """
        Return the live actions for objects of any of ``types``, on one site or all sites.

        A disabled action is among them: it still stands before the less specific ones.

        :param types: content types, from the object's own to its most distant base.
        """
        on_site = Q(site=None) if site_id is None else Q(site=None) | Q(site=site_id)
        return self.live().filter(on_site, destination_type__in=types)

    def make_way_for_deletion(self, site) -> None:
        """
        Take the actions of a site out of force that is about to be deleted, and they with it.

        On MySQL, Django blanks what refers to a row before it deletes that: two actions could be
        for all sites then.
        """
        if not connections[self.db].features.can_defer_constraint_checks:
            self.filter(site=site).update(live=False)


class LLMAction(
    CheckedPublication,
    DraftStateMixin,
    RevisionMixin,
    index.Indexed,
    Slugged,
    ModelParameters,
    ClusterableModel,
):
    """
    What fills one destination field of every object of one type.

    The type may be a base: an action on ``Page.search_description`` serves every page type. Among
    the actions that match a field, the one with the most specific type is in force, then the one
    for the object's own site.
    """

    destination_type = models.ForeignKey(
        ContentType,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("content type"),
        help_text=_("The kind of page or snippet. “Page” means every kind of page."),
    )
    destination_path = models.CharField(
        _("field"),
        max_length=255,
        help_text=_(
            "The field to fill: “search_description”, “gallery_images.caption”, "
            "“body.section.heading”."
        ),
    )
    site = models.ForeignKey(
        "wagtailcore.Site",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("site"),
        help_text=_("Blank means every site."),
    )
    prompt_template = models.ForeignKey(
        "wagtail_llm_actions.PromptTemplate",
        on_delete=models.PROTECT,
        related_name="actions",
        verbose_name=_("prompt template"),
    )
    llm_config = models.ForeignKey(
        "wagtail_llm_actions.LLMConfig",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("LLM configuration"),
        help_text=_("Blank means the default configuration."),
    )
    output_mode = models.CharField(
        _("what an accepted output does"),
        max_length=10,
        choices=OutputMode.choices,
        default=OutputMode.REPLACE,
    )
    answers_from_history = models.BooleanField(
        _("answer identical requests from the history"),
        default=False,
        help_text=_(
            "At temperature 0: what was sent in exactly the same words before is not sent again. "
            "Its answer is used once more, and costs nothing."
        ),
    )
    groups = ParentalManyToManyField(
        "auth.Group",
        blank=True,
        related_name="+",
        verbose_name=_("groups"),
        help_text=_("Only their members may run it. Blank leaves nobody out."),
    )
    enabled = models.BooleanField(_("enabled"), default=True, editable=False)
    """Changed at once by :meth:`turn`, beside the draft: no revision and no form holds it."""

    objects = LLMActionQuerySet.as_manager()

    search_fields = [
        index.SearchField("name"),
        index.SearchField("destination_path"),
        index.AutocompleteField("name"),
        index.FilterField("site"),
    ]

    class Meta:
        verbose_name = _("LLM action")
        verbose_name_plural = _("LLM actions")
        ordering = ["name"]
        permissions = [
            ("run_llmaction", "Can run LLM actions"),
            ("customise_llmaction", "Can change LLM actions for one run"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["destination_type", "destination_path"],
                condition=Q(live=True, site=None) & ~Q(destination_path=""),
                name="llm_action_one_live_on_all_sites",
            ),
            models.UniqueConstraint(
                fields=["destination_type", "destination_path", "site"],
                condition=Q(live=True, site__isnull=False) & ~Q(destination_path=""),
                name="llm_action_one_live_on_a_site",
            ),
        ]

    def with_content_json(self, content):
        """Return the action as a revision has it, but enabled or not as it is now."""
        action = super().with_content_json(content)
        action.enabled = self.enabled
        return action

    def save(self, **kwargs):
        """Write everything but ``enabled``: a form that was open must not undo :meth:`turn`."""
        if kwargs.get("update_fields") is None and self._is_stored():
            kwargs["update_fields"] = [
                *(f.name for f in self._meta.concrete_fields if f.name not in ("id", "enabled")),
                *(relation.get_accessor_name() for relation in get_all_child_relations(self)),
                *(field.name for field in get_all_child_m2m_relations(self)),
            ]
        super().save(**kwargs)

    def turn(self, on: bool, user) -> None:
        """Enable or disable the action at once, whether it is published or not, unless it is so."""
        others = type(self).objects.exclude(enabled=on)
        self.enabled = on
        if others.filter(pk=self.pk).update(enabled=on):
            verb = "enable" if on else "disable"
            log(instance=self, action=f"wagtail_llm_actions.{verb}", user=user)

    def problem(self, default_config) -> str:
        """
        Return why the action cannot run, as a translated sentence; blank where it can.

        :param default_config: what ``LLMConfig.objects.default()`` gave.
        """
        return self.state_problem(default_config) or self.path_problem()

    def path_problem(self) -> str:
        """Return which of its paths mean nothing on its type any more, as translated sentences."""
        model = ContentType.objects.get_for_id(self.destination_type_id).model_class()
        if model is None:
            return gettext("It is for a type of object that does not exist any more.")
        problems = [destination_problem(model, self.destination_path)]
        problems += [source_problem(model, source.path) for source in self.sources.all()]
        return " ".join(problem for problem in problems if problem)

    def state_problem(self, default_config) -> str:
        """
        Return why the action cannot run, whatever its paths are, as a translated sentence.

        :param default_config: what ``LLMConfig.objects.default()`` gave.
        """
        config = self.llm_config or default_config
        if not self.live:
            return gettext("The LLM action is not published.")
        if not self.enabled:
            return gettext("The LLM action is switched off.")
        if not self.prompt_template.live:
            return gettext("Its prompt template “%(name)s” is not published.") % {
                "name": self.prompt_template.name
            }
        if config is None:
            return gettext("It names no LLM configuration, and there is no default one.")
        if not config.live:
            return gettext("Its LLM configuration “%(name)s” is not published.") % {
                "name": config.name
            }
        return ""

    def validate_publication(self) -> None:
        """
        Check that there is such a field, and that no other live action fills it.

        :raises ValidationError: at ``destination_path`` or ``slug``.
        """
        super().validate_publication()
        model = self.destination_type.model_class()
        if model and self.destination_path:
            _refuse(destination_problem(model, self.destination_path), "destination_path")
        if rival := self._rival():
            raise ValidationError(
                {
                    "destination_path": ValidationError(
                        gettext(
                            "“%(name)s” already fills this field. Unpublish it first, or choose "
                            "another field or site."
                        ),
                        code="rival",
                        params={"name": rival.name},
                    )
                }
            )

    @classmethod
    def from_serializable_data(cls, data, *args, **kwargs):
        """Read a draft; what was deleted since then is blank, and noted in ``deleted_since``."""
        gone = set()
        for name in ("prompt_template", "llm_config"):
            rows = cls._meta.get_field(name).remote_field.model.objects
            if data.get(name) and not rows.filter(pk=data[name]).exists():
                gone.add(name)
        action = super().from_serializable_data(data | dict.fromkeys(gone), *args, **kwargs)
        if action is not None:
            action.deleted_since = frozenset(gone)
        return action

    def validate_children(self) -> None:
        """
        Check that all sources can be read, and that the template has the variables it uses.

        :raises ValidationError: if not.
        """
        if model := self.destination_type.model_class():
            for source in self.sources.all():
                _refuse(source_problem(model, source.path))
        template = self.prompt_template
        for text in (template.system_prompt, template.prompt):
            try:
                check_template(text, [source.name for source in self.sources.all()])
            except PromptError as error:
                raise ValidationError({"prompt_template": error.user_message}) from error

    def _rival(self):
        if not self.destination_path:
            return None
        return (
            type(self)
            .objects.live()
            .filter(
                destination_type=self.destination_type_id,
                destination_path=self.destination_path,
                site=self.site_id,
            )
            .exclude(pk=self.pk)
            .first()
        )

    def _is_stored(self):
        return self.pk is not None and type(self).objects.filter(pk=self.pk).exists()


def _refuse(problem, field=NON_FIELD_ERRORS):
    """
    Do nothing if there is no problem.

    :raises ValidationError: at ``field``, if there is one.
    """
    if problem:
        raise ValidationError({field: problem})


class LLMActionSource(Orderable):
    """A field whose content feeds the prompt of an action."""

    action = ParentalKey(LLMAction, on_delete=models.CASCADE, related_name="sources")
    path = models.CharField(
        _("field"),
        max_length=255,
        help_text=_("The field to read: “title”, “body”, “gallery_images.caption”."),
    )
    name = models.SlugField(
        _("variable"),
        max_length=100,
        help_text=_("Its name in the prompt template: “body” is used as {{ body }}."),
    )
    required = models.BooleanField(
        _("required"),
        default=True,
        help_text=_("If the field is empty, nothing is sent and the editor is told why."),
    )

    class Meta(Orderable.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self):
        return f"{self.name}: {self.path}"
