"""The row of every place."""

from tests.matrix.endpoints import api_rows, editor_rows
from tests.matrix.places import ADMIN_API, ADMIN_TWIN, APP, TOKEN_API
from tests.matrix.row import Row
from tests.matrix.views import bulk_rows, chooser_rows, snippet_rows, view_rows


def below(path: str, rows: dict[str, Row]) -> dict[str, Row]:
    """Return rows as they are called in the URL configuration."""
    return {name.replace(" ", f" {path}", 1): one for name, one in rows.items()}


MATRIX: dict[str, Row] = {
    **below(TOKEN_API, api_rows()),
    **below(ADMIN_TWIN, api_rows()),
    **below(ADMIN_API, editor_rows()),
    **below("admin/llm-actions/", view_rows()),
}
for _model, _of in (
    ("llmaction", "action"),
    ("prompttemplate", "template"),
    ("llmconfig", "config"),
):
    MATRIX |= below(f"admin/snippets/{APP}/{_model}/", snippet_rows(_model, _of))
    MATRIX |= below(f"admin/snippets/choose/{APP}/{_model}/", chooser_rows(_model, _of))
    MATRIX |= below(f"admin/bulk/{APP}/{_model}/", bulk_rows(_model, _of))
