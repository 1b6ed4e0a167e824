"""Tells one started site from another: every answer says which start it belongs to."""

import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "X-Sandbox-Start"
VARIABLE = "SANDBOX_START"
"""The environment variable in which the start script hands its name to the site."""


def mark_answers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Put the name of the start into a header of every answer, also of an error."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response[HEADER] = os.environ.get(VARIABLE, "")
        return response

    return middleware
