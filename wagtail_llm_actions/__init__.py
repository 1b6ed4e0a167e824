"""LLM actions for Wagtail: fields that a language model can write, and a person decides."""

__version__ = "0.1.0"
