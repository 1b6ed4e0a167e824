"""What the listing of LLM actions can be narrowed down to."""

from wagtail.admin.filters import WagtailFilterSet

from wagtail_llm_actions.models import LLMAction
from wagtail_llm_actions.sites import sites_for


class ActionFilterSet(WagtailFilterSet):
    """Filters over LLM actions; of the sites only one's own are named."""

    class Meta:
        model = LLMAction
        fields = ("live", "enabled", "prompt_template", "llm_config", "site")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["site"].queryset = sites_for(self.request.user)
