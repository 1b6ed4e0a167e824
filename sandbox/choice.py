"""
Which language model the sandbox talks to.

The start script chooses once, writes the choice down, and the settings read it: so
``manage.py`` alone uses the same model as the last start. Knows nothing of Django.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE_NAME = "choice.json"
STATE_FILE_NAME = "llm_serve.json"
OLLAMA_URL = "http://localhost:11434"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A provider and a model of it."""

    kind: str
    """``"ollama"``, ``"embedded"`` or ``"none"``."""
    model_name: str
    label: str
    """What the LLM configuration is called."""
    parameters: dict = field(default_factory=dict)
    """Extra parameters that the model needs in every request."""
    base_url: str = OLLAMA_URL
    """Where Ollama answers."""

    def provider(self, var_dir: Path) -> dict:
        """Return the provider's entry in the setting ``PROVIDERS``."""
        if self.kind == "embedded":
            return {
                "BACKEND": "wagtail_llm_actions.providers.embedded.EmbeddedProvider",
                "OPTIONS": {"state_file": str(var_dir / STATE_FILE_NAME)},
            }
        return {
            "BACKEND": "wagtail_llm_actions.providers.ollama.OllamaProvider",
            "OPTIONS": {"base_url": self.base_url},
        }


EMBEDDED = Choice(
    kind="embedded",
    model_name="SmolLM2-135M-Instruct",
    label="Tiny demonstration model (SmolLM2 135M)",
    parameters={"repeat_penalty": 1.1},
)
NONE = Choice(kind="none", model_name="llama3.2", label="Ollama on this machine (not running)")


def ollama(model_name: str, base_url: str) -> Choice:
    """Return the choice of a model that Ollama has."""
    label = f"Ollama on this machine ({model_name})"
    return Choice(kind="ollama", model_name=model_name, label=label[:100], base_url=base_url)


def read_choice(var_dir: Path) -> Choice:
    """Return the choice that was written down last, or that of no model."""
    try:
        text = (var_dir / FILE_NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return NONE
    return Choice(**json.loads(text))


def write_choice(var_dir: Path, choice: Choice) -> None:
    """Write the choice down for the settings."""
    text = json.dumps(asdict(choice), indent=2)
    (var_dir / FILE_NAME).write_text(text + "\n", encoding="utf-8")
