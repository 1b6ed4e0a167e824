"""Template tags of the blog."""

from django import template
from django.utils.translation import get_language_info
from wagtail.models import Locale, Site

from sandbox.blog.models import HomePage

register = template.Library()


@register.simple_tag(takes_context=True)
def languages(context):
    """Return the home pages of the other languages, as ``(name, url)``."""
    current = Locale.get_active()
    pages = HomePage.objects.live().exclude(locale=current).select_related("locale")
    return [
        {
            "code": page.locale.language_code,
            "name": get_language_info(page.locale.language_code)["name_local"],
            "url": page.get_url(context.get("request")),
        }
        for page in pages.order_by("path")
    ]


@register.simple_tag(takes_context=True)
def home_page(context):
    """Return the home page in the language of this page."""
    site = Site.find_for_request(context["request"])
    return site.root_page.localized.specific
