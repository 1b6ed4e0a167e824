"""The package's own URLs in the admin, in the namespace ``wagtail_llm_actions``."""

from django.urls import include, path

from wagtail_llm_actions.api.urls import urlpatterns as api_urlpatterns
from wagtail_llm_actions.views.builder import FieldsView, ServingView
from wagtail_llm_actions.views.dialog import DialogView
from wagtail_llm_actions.views.editor_assets import editor_assets
from wagtail_llm_actions.views.enabling import TurnActionView
from wagtail_llm_actions.views.reports import RunReportView
from wagtail_llm_actions.views.runs import RunView
from wagtail_llm_actions.views.switch import SwitchView

urlpatterns = [
    path("actions/<int:pk>/enable/", TurnActionView.as_view(on=True), name="action_enable"),
    path("actions/<int:pk>/disable/", TurnActionView.as_view(on=False), name="action_disable"),
    path("api/", include(api_urlpatterns)),
    path("builder/fields/", FieldsView.as_view(), name="builder_fields"),
    path("builder/serving/", ServingView.as_view(), name="builder_serving"),
    path("dialog/", DialogView.as_view(), name="dialog"),
    path("editor-assets/", editor_assets, name="editor_assets"),
    path("runs/", RunReportView.as_view(), name="run_list"),
    path("runs/results/", RunReportView.as_view(results_only=True), name="run_list_results"),
    path("runs/<uuid:pk>/", RunView.as_view(), name="run"),
    path("switch/", SwitchView.as_view(), name="switch"),
]
