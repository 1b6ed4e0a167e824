"""What happens when Wagtail has saved an object for the first time."""

from wagtail_llm_actions.content.bound import FORM_KEY


def adopt_runs(request, instance) -> None:
    """Give the runs that were made on the create form the identity of the new object."""
    from wagtail_llm_actions import engine  # not with every start of Django

    engine.adopt_runs(request.user, request.POST.get(FORM_KEY, ""), instance)
