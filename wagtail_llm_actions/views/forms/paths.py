"""The input of a field's path, with the paths that exist as suggestions."""

from django import forms

from wagtail_llm_actions.views.forms.destinations import all_paths


class PathInput(forms.TextInput):
    """A text input that suggests the paths of all types; the form checks against the chosen one."""

    template_name = "wagtail_llm_actions/forms/path_input.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}-paths"
        context["widget"]["attrs"] |= {
            "list": list_id,
            "autocomplete": "off",
            "spellcheck": "false",
        }
        return context | {"list_id": list_id, "paths": list(all_paths().items())}
