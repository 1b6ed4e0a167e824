"""
The HTTP API: one router, made by a factory, that the page editor uses and a project may mount.

Import :mod:`wagtail_llm_actions.api.router` for the factory.
"""
