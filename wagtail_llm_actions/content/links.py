"""
Where links that a language model wrote may lead.

An address is taken if it is certain what a browser makes of it and the host is allowed: what a
browser would read differently than Python does is refused, not repaired.
"""

import re
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from django.http.request import validate_host
from django.utils.encoding import punycode
from django.utils.translation import gettext
from wagtail.models import Site
from wagtail.whitelist import check_url

from wagtail_llm_actions.conf import settings

NOT_IN_AN_ADDRESS = re.compile(
    "[\x00-\x20\x7f-\xa0\xad\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff\U000e0000-\U000e007f"
    '\\\\`"<>{}|^]'
)
"""White space, invisible characters, and what browsers repair each in their own way."""
WEB = re.compile(r"https?://(?P<authority>[^/?#@]+)(?:[/?#].*)?", re.IGNORECASE)
HOST = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)
ON_THIS_SITE = re.compile(r"/(?!/).*|#.*")
"""A language model knows no address relative to the page."""
MAIL = re.compile(r"mailto:[\w.+-]+@(?P<host>[\w.-]+)", re.IGNORECASE)
PHONE = re.compile(r"tel:\+?[\d().-]{3,30}", re.IGNORECASE)


def is_allowed(address: str, known: Collection[str] = ()) -> bool:
    """
    Return whether a link that a language model wrote may lead to ``address``.

    Addresses on this site and telephone numbers are always allowed, others by
    ``ALLOWED_LINK_HOSTS``.

    :param known: addresses that the field links to already, which may stay.
    """
    if address in known:
        return bool(check_url(address))
    if NOT_IN_AN_ADDRESS.search(address):
        return False
    if ON_THIS_SITE.fullmatch(address) or PHONE.fullmatch(address):
        return True
    host = host_of(address)
    return bool(host) and _is_allowed_host(host)


def host_of(address: str) -> str:
    """Return the host of a web or e-mail address as a browser reads it; empty where unclear."""
    if mail := MAIL.fullmatch(address):
        return _ascii(mail["host"])
    web = WEB.fullmatch(address)
    host = HOST.fullmatch(web["authority"]) if web else None
    return _ascii(host["host"]) if host else ""


def refused_addresses(addresses: Iterable[str], known: Collection[str] = ()) -> tuple[str, ...]:
    """Return the addresses that :func:`is_allowed` refuses, each once."""
    return tuple(dict.fromkeys(each for each in addresses if not is_allowed(each, known)))


def refusal(address: str) -> str:
    """Return why a field may not have ``address``, as a sentence."""
    host = host_of(address)
    if not host:
        return gettext("“%(address)s” is not an address that may be used.") % {
            "address": _shortened(address)
        }
    return gettext(
        "“%(host)s” is not among the hosts that a language model may link to on this site."
    ) % {"host": host}


def lost_links(addresses: Iterable[str], known: Collection[str] = ()) -> tuple[str, ...]:
    """Return what the editor is told of links whose text stays without its address."""
    return tuple(
        gettext("The text keeps its words but not its link to “%(address)s”: %(reason)s")
        % {"address": _shortened(address), "reason": refusal(address)}
        for address in refused_addresses(addresses, known)
    )


def _is_allowed_host(host: str) -> bool:
    allowed = settings.ALLOWED_LINK_HOSTS
    return validate_host(host, allowed) or host in _hosts_of_this_site()


def _hosts_of_this_site() -> set[str]:
    roots = (path.root_url for path in Site.get_site_root_paths())
    return {urlsplit(root).hostname or "" for root in roots}


def _ascii(host: str) -> str:
    try:
        return punycode(host).lower().rstrip(".")
    except UnicodeError:
        return ""


def _shortened(address: str) -> str:
    """Return the beginning of an address, with nothing in it that cannot be seen."""
    visible = NOT_IN_AN_ADDRESS.sub(" ", address).strip()
    return visible if len(visible) <= 80 else visible[:79] + "…"
