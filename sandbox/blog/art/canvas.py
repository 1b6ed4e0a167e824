"""A surface to paint on at twice the size, so that edges are smooth when it is done."""

import random

from PIL import Image, ImageColor, ImageDraw, ImageFilter

from sandbox.blog.art.palettes import Palette

SCALE = 2
Colour = tuple[int, int, int]


def mix(first: str, second: str, amount: float) -> Colour:
    """Return the colour that is ``amount`` (0 to 1) of the way from the first to the second."""
    pairs = zip(ImageColor.getrgb(first), ImageColor.getrgb(second), strict=True)
    return tuple(round(a + (b - a) * amount) for a, b in pairs)


class Canvas:
    """Width and height are in painted pixels; positions are parts of them, from 0 to 1."""

    def __init__(self, size: tuple[int, int], palette: Palette, chance: random.Random):
        self.size = size
        self.width, self.height = size[0] * SCALE, size[1] * SCALE
        self.palette = palette
        self.chance = chance
        self.image = Image.new("RGB", (self.width, self.height), palette.sky[1])
        self.draw = ImageDraw.Draw(self.image)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel at a position."""
        return x * self.width, y * self.height

    def sky(self, bottom: float = 1.0) -> None:
        """Fill from the top down to ``bottom`` with the colours of the sky."""
        self.fade(0, bottom, *self.palette.sky)

    def fade(self, top: float, bottom: float, first: str, second: str) -> None:
        """Fill a band with a change from one colour to another."""
        box = (self.width, round((bottom - top) * self.height))
        mask = Image.linear_gradient("L").resize(box, Image.Resampling.BICUBIC)
        band = Image.composite(Image.new("RGB", box, second), Image.new("RGB", box, first), mask)
        self.image.paste(band, (0, round(top * self.height)))

    def disc(self, x: float, y: float, radius: float, colour: Colour | str) -> None:
        """Paint a circle; the radius is a part of the height."""
        (px, py), r = self.point(x, y), radius * self.height
        self.draw.ellipse((px - r, py - r, px + r, py + r), fill=colour)

    def glow(self, x: float, y: float, radius: float, colour: str, strength: float) -> None:
        """Lighten the surroundings of a point."""
        small = Image.new("L", (self.width // 16, self.height // 16))
        px, py, r = x * small.width, y * small.height, radius * small.height
        ImageDraw.Draw(small).ellipse((px - r, py - r, px + r, py + r), fill=round(255 * strength))
        mask = small.filter(ImageFilter.GaussianBlur(r / 2.2))
        mask = mask.resize(self.image.size, Image.Resampling.BICUBIC)
        self.image.paste(Image.new("RGB", self.image.size, colour), mask=mask)
        self.draw = ImageDraw.Draw(self.image)

    def polygon(self, points, colour: Colour | str) -> None:
        """Paint the area between positions."""
        self.draw.polygon([self.point(*point) for point in points], fill=colour)

    def finished(self) -> Image.Image:
        """Return the picture at its real size."""
        return self.image.resize(self.size, Image.Resampling.LANCZOS)
