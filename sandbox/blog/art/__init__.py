"""
Pictures for the posts, painted by Pillow: nobody's photographs, and nothing to download.

The same :class:`Motif` always gives the same picture.
"""

import io
import random
from dataclasses import dataclass

from PIL import Image, ImageChops

from sandbox.blog.art import scenes
from sandbox.blog.art.canvas import Canvas
from sandbox.blog.art.palettes import PALETTES

SIZE = (1280, 800)
QUALITY = 84
GRAIN = 5


@dataclass(frozen=True, slots=True)
class Motif:
    """What to paint."""

    scene: str
    """A function of :mod:`sandbox.blog.art.scenes`."""
    palette: str
    seed: int = 1


def paint(motif: Motif) -> bytes:
    """Return the picture as a JPEG file."""
    canvas = Canvas(SIZE, PALETTES[motif.palette], random.Random(motif.seed))
    scenes.SCENES[motif.scene](canvas)
    picture = _with_grain(canvas.finished())
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return file.getvalue()


def _with_grain(picture: Image.Image) -> Image.Image:
    """Roughen the flat colours a little, as paper does."""
    noise = Image.effect_noise(picture.size, GRAIN).convert("RGB")
    return ImageChops.add(picture, noise, scale=1, offset=-128)
