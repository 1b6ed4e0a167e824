"""Runs: one row for each execution of an action on a target."""

import uuid

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_llm_actions.exceptions import InvalidOutputError
from wagtail_llm_actions.models.run_states import RunState
from wagtail_llm_actions.models.texts import fitted
from wagtail_llm_actions.outputs import load, readable
from wagtail_llm_actions.values import (
    DataClass,
    FieldSpec,
    OutputMode,
    RunStatus,
)

LEFT_OUT = "left_out"
"""The member of a run's parameters that names those which its provider does not know."""


class LLMActionHistory(RunState):
    """
    One execution of an action on one target.

    A run is a receipt: it copies all that it used, so it stays true after the action, the
    template, the configuration, the user or the page is changed or deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    action = models.ForeignKey(
        "wagtail_llm_actions.LLMAction",
        on_delete=models.SET_NULL,
        null=True,
        related_name="runs",
        verbose_name=_("LLM action"),
    )
    action_name = models.CharField(_("action name"), max_length=100, blank=True)
    action_slug = models.CharField(_("action slug"), max_length=100, blank=True)
    action_revision_id = models.BigIntegerField(_("action revision"), null=True)
    output_mode = models.CharField(
        _("output mode"), max_length=10, choices=OutputMode.choices, default=OutputMode.REPLACE
    )

    prompt_template = models.ForeignKey(
        "wagtail_llm_actions.PromptTemplate",
        on_delete=models.SET_NULL,
        null=True,
        related_name="runs",
        verbose_name=_("prompt template"),
    )
    prompt_template_name = models.CharField(_("template name"), max_length=100, blank=True)
    prompt_template_revision_id = models.BigIntegerField(_("template revision"), null=True)
    template_system_prompt = models.TextField(_("system prompt of the template"), blank=True)
    template_prompt = models.TextField(_("prompt of the template"), blank=True)

    llm_config = models.ForeignKey(
        "wagtail_llm_actions.LLMConfig",
        on_delete=models.SET_NULL,
        null=True,
        related_name="runs",
        verbose_name=_("LLM configuration"),
    )
    llm_config_name = models.CharField(_("configuration name"), max_length=100, blank=True)
    llm_config_revision_id = models.BigIntegerField(_("configuration revision"), null=True)
    provider = models.CharField(_("provider"), max_length=100, blank=True)
    model_name = models.CharField(_("model name"), max_length=200, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, encoder=DjangoJSONEncoder)
    """
    ``temperature``, ``max_output_tokens`` and ``extra_parameters`` as they were sent, and
    :data:`LEFT_OUT`.
    """

    data_class = models.CharField(
        _("data class"), max_length=20, choices=DataClass.choices, blank=True
    )
    """Of what was sent, the highest; blank where the site has no classes."""
    replaced_config_name = models.CharField(_("replaced configuration"), max_length=100, blank=True)
    """The configuration whose place another one took, as it was not cleared for what was sent."""

    changes = models.JSONField(_("changes"), default=dict, encoder=DjangoJSONEncoder)
    """What was otherwise than in the action, for this run only: see ``engine.RunChanges``."""

    system_prompt = models.TextField(_("system prompt"), blank=True)
    prompt = models.TextField(_("prompt"), blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    """Of the interface, in which the sources were read: dates and choices are words of it."""
    sources = models.JSONField(_("sources"), default=list, encoder=DjangoJSONEncoder)
    """One ``{"name", "path", "label", "text", "words", "tokens"}`` for each; tokens estimated."""

    applied_hash = models.CharField(_("hash of what was offered"), max_length=64, blank=True)
    """SHA-256 of what the field says with the output in it, as it was offered last."""
    holding_revision_id = models.BigIntegerField(_("revision with the output"), null=True)
    """The first revision of the object that holds what was accepted; none for other objects."""
    live_at = models.DateTimeField(_("went live"), null=True)
    """When what was accepted was published, still as it was accepted."""

    content_type = models.ForeignKey(
        ContentType,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("object type"),
    )
    object_type = models.CharField(_("object type name"), max_length=200, blank=True)
    """``app_label.model``: stays when the content type is deleted."""
    object_id = models.CharField(_("object id"), max_length=255, blank=True)
    """Blank for an object that was not saved yet."""
    form_token = models.CharField(_("form token"), max_length=64, blank=True)
    """Names the create form that the run was made on, until the object is saved."""
    object_repr = models.CharField(_("object"), max_length=255, blank=True)
    page_id = models.BigIntegerField(_("page id"), null=True)
    """The page that is the target, as a number the page tree can be joined with."""
    site = models.ForeignKey(
        "wagtailcore.Site",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("site"),
    )
    """The site of the page or setting, else that of the action; none for what is of all sites."""
    site_name = models.CharField(_("site name"), max_length=262, blank=True)
    """``host:port``, as it was then."""
    destination_path = models.CharField(_("field"), max_length=255, blank=True)
    """The path of the action: ``body.section.heading``."""
    destination_address = models.CharField(_("field address"), max_length=500, blank=True)
    """The very field in the form: ``body.5b0c….heading``."""
    destination_label = models.CharField(_("field label"), max_length=255, blank=True)
    field_spec = models.JSONField(_("field spec"), default=dict, encoder=DjangoJSONEncoder)
    """The :class:`~wagtail_llm_actions.values.FieldSpec` that the output was checked against."""
    request_hash = models.CharField(_("hash of the request"), max_length=64, blank=True)
    """Of all that decides the answer, keyed so that nobody can guess it; blank for revisions."""
    is_from_history = models.BooleanField(_("answered from the history"), default=False)
    """Whether an earlier run's answer is used; stays when that run is gone."""
    answered_from = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="repetitions",
        verbose_name=_("answered from"),
    )
    of_selection = models.BooleanField(_("of a selection"), default=False)
    """Whether it was for what a person had selected in the field, and not for the whole field."""
    revised_text = models.TextField(_("output to revise"), blank=True)
    """The earlier output that the model was asked to revise, as it was sent."""
    revision_prompt = models.TextField(_("what to revise in it"), blank=True)
    """What the model was told about it: a person's feedback."""
    value_before = models.TextField(_("value before"), blank=True)
    """What the field, or the selection, said when the run was prepared, as plain text."""
    value_hash = models.CharField(_("value hash"), max_length=64, blank=True)
    """Of the whole field then: tells changes that have no text, such as of an image."""
    posted_before = models.JSONField(_("posted before"), default=dict, encoder=DjangoJSONEncoder)
    """
    What the browser posted for the whole field then, by which it comes back as it was; empty where
    no browser did: see :mod:`~wagtail_llm_actions.content.posted`.
    """
    output = models.TextField(_("output"), blank=True)
    """The field value: text as it is, all else as :func:`~wagtail_llm_actions.outputs.dump` writes it."""
    mended_output = models.TextField(_("output as changed by a person"), blank=True)
    """What went into the field instead of the output, where a person changed it before."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    username = models.CharField(_("user name"), max_length=255, blank=True)
    retry_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="retries",
        verbose_name=_("retry of"),
    )

    input_tokens = models.PositiveIntegerField(_("input tokens"), null=True)
    output_tokens = models.PositiveIntegerField(_("output tokens"), null=True)
    """Of all attempts together; ``None`` where the provider is silent."""
    usage_estimated = models.BooleanField(_("usage is an estimate"), default=False)
    price = models.JSONField(_("price"), default=dict, encoder=DjangoJSONEncoder)
    """What tokens cost when the run was prepared: see :class:`~wagtail_llm_actions.pricing.Price`."""
    cost = models.DecimalField(_("cost"), max_digits=18, decimal_places=9, null=True)
    """US dollars for all attempts together; ``None`` where it is not known."""
    reservations = models.JSONField(_("reservations"), default=list, encoder=DjangoJSONEncoder)
    """What is set aside for the run until it ends, one ``{"counter", "measure", "amount"}`` for each."""

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    first_token_at = models.DateTimeField(_("first token at"), null=True)

    class Meta:
        verbose_name = _("LLM action run")
        verbose_name_plural = _("LLM action runs")
        ordering = ["-created_at"]
        default_permissions = ()
        permissions = [
            ("view_llmactionhistory", "Can view every run"),
            ("view_llmcost", "Can see what runs cost"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=RunStatus.SUCCEEDED) | Q(error_code=""),
                name="llm_run_success_has_no_error",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "created_at"], name="llm_run_status_idx"),
            models.Index(fields=["-created_at"], name="llm_run_created_idx"),
            models.Index(fields=["username", "-created_at"], name="llm_run_user_idx"),
            models.Index(fields=["action_slug", "-created_at"], name="llm_run_action_idx"),
            models.Index(
                fields=["object_type", "object_id", "-created_at"], name="llm_run_object_idx"
            ),
            models.Index(fields=["page_id"], name="llm_run_page_idx"),
            models.Index(
                fields=["request_hash"],
                condition=~Q(request_hash=""),
                name="llm_run_request_idx",
            ),
            models.Index(
                fields=["content_type", "object_id", "destination_address", "-created_at"],
                name="llm_run_target_idx",
            ),
            models.Index(
                fields=["deadline_at"],
                condition=Q(status__in=["queued", "running"]),
                name="llm_run_active_idx",
            ),
        ]

    def __str__(self):
        created = f"{self.created_at:%Y-%m-%d %H:%M}" if self.created_at else ""
        return f"{self.action_name or self.destination_label} {created}".strip()

    def save(self, **kwargs):
        """Write the row, its texts as every database takes them and as long as it takes them."""
        for name, value in fitted(type(self), self._texts()).items():
            setattr(self, name, value)
        super().save(**kwargs)

    @property
    def duration(self) -> float | None:
        """How long the run took, in seconds; ``None`` while it runs or if it never started."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def output_text(self) -> str:
        """The output for people to read; blank where there is none."""
        if not self.output or not self.field_spec:
            return self.output
        spec = FieldSpec.restore(self.field_spec)
        return readable(spec, load(spec, self.output))

    @property
    def is_unfit(self) -> bool:
        """Whether there is an answer, but none that fits the field."""
        return self.status == RunStatus.FAILED and self.error_code == InvalidOutputError.code

    @property
    def may_be_mended(self) -> bool:
        """Whether there is an answer that a person can make fit by hand."""
        return self.is_unfit and not self.is_test

    def _texts(self):
        names = [field.name for field in self._meta.concrete_fields if not field.is_relation]
        return {
            name: getattr(self, name) for name in names if name not in self.get_deferred_fields()
        }
