"""Colours, from the top of the sky to the nearest ground, then the light."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one picture, as ``#rrggbb``."""

    sky: tuple[str, str]
    """At the top and at the horizon."""
    ground: tuple[str, str]
    """Far away and near."""
    light: str
    accents: tuple[str, str, str]


PALETTES = {
    "dawn": Palette(
        ("#f3c6a5", "#fdeedd"), ("#d9a98c", "#4b3a46"), "#fff6e6", ("#c8553d", "#588b8b", "#f28f3b")
    ),
    "dusk": Palette(
        ("#2b2d5b", "#f0a58f"), ("#8d6a8a", "#1d1b36"), "#ffd9a0", ("#e07a5f", "#81b29a", "#f2cc8f")
    ),
    "night": Palette(
        ("#0b1633", "#3c5a8a"), ("#2e4670", "#070d1f"), "#f4efdc", ("#f2c14e", "#5f7fb5", "#d96c6c")
    ),
    "meadow": Palette(
        ("#9ccfd8", "#f4f3dc"), ("#b4cda0", "#2f5d45"), "#fffbe6", ("#e9b44c", "#3f7d5c", "#d1603d")
    ),
    "coast": Palette(
        ("#7fb7cf", "#e9f3ef"), ("#8fbdc4", "#1f4e63"), "#fffaf0", ("#ef8354", "#2d6a80", "#f3d9b1")
    ),
    "winter": Palette(
        ("#b9c7d9", "#f2f5f8"), ("#c5d1df", "#4c627d"), "#ffffff", ("#b5495b", "#5a7fa6", "#e8c07d")
    ),
    "autumn": Palette(
        ("#e8c59a", "#fbf0dc"), ("#d79a5b", "#5a2f22"), "#fff4d9", ("#b5442e", "#7a8450", "#e3a73c")
    ),
    "paper": Palette(
        ("#efe6d8", "#f8f3ea"), ("#d8c9b2", "#6b5b4b"), "#fffdf7", ("#b4563c", "#33658a", "#dfa94b")
    ),
    "mint": Palette(
        ("#cfe5da", "#f3f8f1"), ("#a5cdbb", "#24505a"), "#ffffff", ("#ee6c4d", "#2a7f7b", "#f5cb5c")
    ),
}
