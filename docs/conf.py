"""How the documentation is built: plain Markdown, read by Sphinx with MyST."""

from pathlib import Path

project = "Wagtail LLM Actions"
author = "Wagtail LLM Actions contributors"
copyright = author
release = (
    (Path(__file__).parent.parent / "wagtail_llm_actions" / "__init__.py")
    .read_text()
    .partition('__version__ = "')[2]
    .partition('"')[0]
)
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 4
html_title = project
html_theme = "alabaster"
html_theme_options = {"description": "A language model writes, a person decides."}
