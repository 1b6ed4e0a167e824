"""Paints the pictures of the content and files them among the site's images."""

from django.core.files.base import ContentFile
from wagtail.images import get_image_model

from sandbox.blog.art import SIZE, Motif, paint
from sandbox.blog.loading.content import Picture


class Gallery:
    """Each picture once, however often it is asked for."""

    def __init__(self):
        self._images = {}

    def image(self, picture: Picture):
        """Return the site's image of a picture, painted if it is new."""
        motif = Motif(picture.scene, picture.palette, picture.seed)
        if motif not in self._images:
            self._images[motif] = self._painted(picture, motif)
        return self._images[motif]

    def _painted(self, picture: Picture, motif: Motif):
        name = f"{motif.scene}-{motif.palette}-{motif.seed}.jpg"
        width, height = SIZE
        return get_image_model().objects.create(
            title=picture.title,
            description=picture.description,
            file=ContentFile(paint(motif), name=name),
            width=width,
            height=height,
        )
