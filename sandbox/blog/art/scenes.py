"""The scenes: each paints a whole canvas."""

import math

from sandbox.blog.art.canvas import Canvas, mix

STEPS = 160


def ridge(canvas: Canvas, level: float, height: float, roughness: float) -> list:
    """Return the outline of a range of hills, down to the lower edge."""
    chance = canvas.chance
    waves = [
        (chance.uniform(0.6, 1.4) * 2**n, chance.uniform(0, math.tau), roughness**n)
        for n in range(6)
    ]
    total = sum(weight for _, _, weight in waves)
    points = [(0.0, 1.0)]
    for step in range(STEPS + 1):
        x = step / STEPS
        sway = sum(w * math.sin(f * x * math.pi * 1.6 + p) for f, p, w in waves) / total
        points.append((x, level - height * sway))
    return [*points, (1.0, 1.0)]


def hills(canvas: Canvas, *, layers: int = 6, roughness: float = 0.42) -> None:
    """Range behind range, paler with distance, under a low sun."""
    palette, chance = canvas.palette, canvas.chance
    canvas.sky()
    x, y = chance.uniform(0.2, 0.8), chance.uniform(0.24, 0.4)
    canvas.glow(x, y, 0.42, palette.light, 0.75)
    canvas.disc(x, y, 0.075, palette.light)
    for layer in range(layers):
        near = layer / (layers - 1)
        colour = mix(*palette.ground, near**1.15)
        canvas.polygon(ridge(canvas, 0.5 + 0.42 * near, 0.13 - 0.05 * near, roughness), colour)


def mountains(canvas: Canvas) -> None:
    """As hills, but steep, and with stars where the sky is dark."""
    stars(canvas)
    palette, chance = canvas.palette, canvas.chance
    x, y = chance.uniform(0.2, 0.8), chance.uniform(0.16, 0.3)
    canvas.glow(x, y, 0.3, palette.light, 0.55)
    canvas.disc(x, y, 0.055, palette.light)
    for layer in range(5):
        near = layer / 4
        outline = ridge(canvas, 0.48 + 0.4 * near, 0.22 - 0.1 * near, 0.62)
        canvas.polygon(outline, mix(*palette.ground, near))


def stars(canvas: Canvas) -> None:
    """A sky, with stars in its upper half."""
    canvas.sky()
    chance = canvas.chance
    for _ in range(140):
        y = chance.random() ** 1.6 * 0.55
        colour = mix(canvas.palette.sky[0], canvas.palette.light, chance.uniform(0.25, 0.8))
        canvas.disc(chance.random(), y, chance.uniform(0.0008, 0.0026), colour)


def sea(canvas: Canvas) -> None:
    """Water to the horizon, the sun's path on it, and a sail."""
    palette, chance = canvas.palette, canvas.chance
    horizon = 0.52
    canvas.sky(horizon)
    x = chance.uniform(0.3, 0.7)
    canvas.glow(x, horizon - 0.12, 0.4, palette.light, 0.7)
    canvas.disc(x, horizon - 0.12, 0.085, palette.light)
    canvas.fade(horizon, 1.0, *palette.ground)
    for step in range(46):
        near = step / 45
        y = horizon + 0.008 + near**1.5 * 0.46
        width = (0.03 + 0.16 * near) * chance.uniform(0.3, 1.0)
        middle = x + chance.uniform(-0.04, 0.04) * (1 + 2 * near)
        glint(canvas, middle, y, width, 0.001 + 0.0035 * near, 0.75 - 0.45 * near)
    sail(canvas, (x + 0.33) % 0.8 + 0.1, horizon + 0.03)


def glint(canvas: Canvas, x: float, y: float, width: float, height: float, light: float) -> None:
    """A flat streak of light on water."""
    left, top = canvas.point(x - width / 2, y - height)
    right, bottom = canvas.point(x + width / 2, y + height)
    colour = mix(canvas.palette.ground[0], canvas.palette.light, light)
    canvas.draw.ellipse((left, top, right, bottom), fill=colour)


def sail(canvas: Canvas, x: float, y: float) -> None:
    """A small boat, its keel at ``y``."""
    canvas.polygon([(x, y - 0.15), (x, y - 0.02), (x + 0.055, y - 0.02)], canvas.palette.light)
    canvas.polygon(
        [(x - 0.006, y - 0.12), (x - 0.006, y - 0.02), (x - 0.035, y - 0.02)],
        canvas.palette.accents[0],
    )
    hull = [(x - 0.045, y - 0.012), (x + 0.065, y - 0.012), (x + 0.045, y + 0.012)]
    canvas.polygon([*hull, (x - 0.03, y + 0.012)], canvas.palette.ground[1])


def city(canvas: Canvas) -> None:
    """Roofs in three rows, windows lit in the nearest."""
    palette, chance = canvas.palette, canvas.chance
    stars(canvas)
    x = chance.uniform(0.15, 0.85)
    canvas.glow(x, 0.26, 0.34, palette.light, 0.6)
    canvas.disc(x, 0.26, 0.07, palette.light)
    for row in range(3):
        colour = mix(*palette.ground, (0.15, 0.55, 1.0)[row])
        left = -chance.uniform(0.0, 0.05)
        while left < 1:
            width = chance.uniform(0.05, 0.1)
            top = 0.42 + 0.15 * row + chance.uniform(-0.09, 0.09)
            house(canvas, left, width, top, colour, lit=row > 0)
            left += width - 0.0005


def house(canvas: Canvas, left: float, width: float, top: float, colour, *, lit: bool) -> None:
    """A block or a gable, with or without light in its windows."""
    chance, right = canvas.chance, left + width
    canvas.polygon([(left, 1), (left, top), (right, top), (right, 1)], colour)
    if chance.random() < 0.5:
        canvas.polygon([(left, top), (left + width / 2, top - 0.06), (right, top)], colour)
    columns = round(width / 0.022)
    for row in range(1, 9):
        for column in range(columns):
            if lit and chance.random() < 0.34:
                x = left + (column + 0.5) * width / columns
                y = top + 0.045 * row
                canvas.polygon(
                    [
                        (x - 0.004, y),
                        (x + 0.004, y),
                        (x + 0.004, y + 0.019),
                        (x - 0.004, y + 0.019),
                    ],
                    mix(canvas.palette.accents[0], canvas.palette.light, chance.uniform(0.4, 1)),
                )


def leaves(canvas: Canvas) -> None:
    """Stems with pairs of leaves, in front of a pale sun."""
    palette, chance = canvas.palette, canvas.chance
    canvas.sky()
    canvas.disc(
        chance.uniform(0.35, 0.65), 0.45, 0.27, mix(palette.sky[0], palette.accents[2], 0.55)
    )
    stems = 9
    for number in chance.sample(range(stems), stems):
        near = chance.random()
        colour = mix(palette.ground[0], palette.ground[1], 0.25 + 0.75 * near)
        if chance.random() < 0.3:
            colour = mix(palette.accents[1], palette.ground[1], 0.3 * near)
        stem(canvas, (number + 0.5) / stems + chance.uniform(-0.04, 0.04), colour)


def stem(canvas: Canvas, foot: float, colour) -> None:
    """A bent stem from the lower edge upwards."""
    chance = canvas.chance
    height, bend = chance.uniform(0.45, 0.85), chance.uniform(-0.1, 0.1)
    joints = 9
    places = [
        (foot + bend * (n / joints) ** 2, 1.02 - height * n / joints) for n in range(joints + 1)
    ]
    canvas.draw.line(
        [canvas.point(*place) for place in places], fill=colour, width=9, joint="curve"
    )
    for number, (x, y) in enumerate(places[2:], 2):
        length = 0.062 * (1.25 - number / joints)
        for side in (-1, 1):
            leaf(canvas, x, y, side, length * chance.uniform(0.85, 1.15), colour)


def leaf(canvas: Canvas, x: float, y: float, side: int, length: float, colour) -> None:
    """A pointed leaf that rises to one side of its stem."""
    ratio = canvas.width / canvas.height
    upper, lower = [], []
    for step in range(13):
        part = step / 12
        bulge = math.sin(math.pi * part) * length * 0.3
        px, py = x + side * length * part, y - length * ratio * 0.75 * part
        upper.append((px - side * bulge * 0.5, py - bulge * ratio * 0.6))
        lower.append((px + side * bulge * 0.5, py + bulge * ratio * 0.6))
    canvas.polygon([*upper, *reversed(lower)], colour)


def tiles(canvas: Canvas) -> None:
    """A pattern of quarter circles, half circles and discs."""
    palette, chance = canvas.palette, canvas.chance
    colours = [*palette.accents, palette.ground[1], palette.ground[0], palette.light]
    columns, rows = 8, 5
    side = canvas.width / columns
    for row in range(rows):
        for column in range(columns):
            back, front = chance.sample(colours, 2)
            tile(canvas, (column * side, row * side), side, back, front)


def tile(canvas: Canvas, corner: tuple[float, float], side: float, back, front) -> None:
    """One square of the pattern."""
    (x, y), draw = corner, canvas.draw
    draw.rectangle((x, y, x + side, y + side), fill=back)
    kind = canvas.chance.randrange(4)
    if kind == 0:
        inset = side * 0.2
        draw.ellipse((x + inset, y + inset, x + side - inset, y + side - inset), fill=front)
    elif kind == 1:
        turn = canvas.chance.choice((0, 90, 180, 270))
        draw.pieslice((x, y, x + side, y + side), turn, turn + 180, fill=front)
    else:
        quarter(canvas, corner, side, canvas.chance.randrange(4), front)


def quarter(canvas: Canvas, corner: tuple[float, float], side: float, turn: int, colour) -> None:
    """A quarter of a disc; its middle is the corner number ``turn``, clockwise from the upper left."""
    x = corner[0] + side * (turn in (1, 2))
    y = corner[1] + side * (turn in (2, 3))
    box = (x - side, y - side, x + side, y + side)
    canvas.draw.pieslice(box, 90 * turn, 90 * turn + 90, fill=colour)


SCENES = {scene.__name__: scene for scene in (hills, mountains, stars, sea, city, leaves, tiles)}
