"""A form widget as other packages bring them: nothing in it is Wagtail's."""

from django import forms


class PairInput(forms.Widget):
    """Two inputs that post one value, ``"from–to"``."""

    template_name = "testapp/pair_input.html"
    separator = "–"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        start, _, end = (value or "").partition(self.separator)
        context["widget"] |= {"start": start, "end": end}
        return context

    def value_from_datadict(self, data, files, name):
        parts = [data.get(f"{name}_from", ""), data.get(f"{name}_to", "")]
        return self.separator.join(parts) if any(parts) else ""

    def value_omitted_from_data(self, data, files, name):
        return f"{name}_from" not in data
