"""The pictures are painted, and always in the same way."""

import io

import pytest
from PIL import Image

from sandbox.blog.art import SIZE, Motif, paint
from sandbox.blog.art.canvas import Canvas
from sandbox.blog.art.palettes import PALETTES
from sandbox.blog.art.scenes import SCENES
from sandbox.blog.loading.content import read_posts


def test_a_picture_is_a_jpeg_of_the_right_size():
    picture = Image.open(io.BytesIO(paint(Motif("hills", "dawn", 1))))
    assert (picture.format, picture.size) == ("JPEG", SIZE)


@pytest.mark.parametrize("scene", SCENES)
def test_the_same_seed_paints_the_same_picture(scene):
    import random

    def painted(seed):
        canvas = Canvas((32, 20), PALETTES["dusk"], random.Random(seed))
        SCENES[scene](canvas)
        return canvas.finished().tobytes()

    assert painted(1) == painted(1) != painted(2)


def test_every_picture_of_the_content_can_be_painted():
    for post in read_posts():
        for picture in (post.image, *post.gallery):
            assert picture.scene in SCENES
            assert picture.palette in PALETTES
