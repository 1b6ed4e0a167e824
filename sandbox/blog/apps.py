"""Wiring of the blog."""

from django.apps import AppConfig


class BlogConfig(AppConfig):
    """The blog of the sandbox."""

    name = "sandbox.blog"
    label = "blog"
    verbose_name = "Blog"
    default_auto_field = "django.db.models.BigAutoField"
