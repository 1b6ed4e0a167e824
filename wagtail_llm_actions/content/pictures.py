"""
Images as pictures for models that see: which one, and its bytes when they are sent.

A run holds which image it read, never its bytes: they are read again for each call, and refused if
the image has become another meanwhile. Nothing is stored, and no address of the site is sent.
"""

from io import BytesIO
from typing import Any

import willow
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model
from PIL.Image import DecompressionBombError
from wagtail.utils.file import hash_filelike

from wagtail_llm_actions.exceptions import PictureError
from wagtail_llm_actions.values import ImageData, Picture

MAX_SIDE = 1024
"""Pixels of the longer side at most: what models look at, whatever they are sent."""
QUALITY = 85
MIME_TYPE = "image/jpeg"
DRAWING = ".svg"
UNREADABLE_PICTURE = (ArithmeticError, DecompressionBombError, LookupError, OSError, ValueError)
"""What storages, Wagtail, Willow and Pillow raise where a file is no picture."""


def is_image(value: Any) -> bool:
    """Return whether a value is an image of Wagtail's."""
    if not apps.is_installed("wagtail.images"):
        return False
    from wagtail.images.models import AbstractImage

    return isinstance(value, AbstractImage)


def picture_of(image: Any) -> Picture | None:
    """
    Return which picture an image is, or ``None`` for what no model can look at.

    :param image: a saved image, or the uploaded file that waits to become one.
    """
    if image.file.name.lower().endswith(DRAWING):
        return None
    try:
        return Picture(
            model=image._meta.label_lower,
            key=str(image.pk),
            title=getattr(image, "title", "") or image.file.name.rpartition("/")[2],
            hash=_hash(image),
            size=getattr(image, "file_size", None) or image.file.size,
        )
    except UNREADABLE_PICTURE:
        return None


def load_picture(picture: Picture) -> ImageData:
    """
    Return a picture as it is sent: scaled down, upright, on white, without what a camera noted.

    :raises PictureError: if its file cannot be read, or is another than when the run was prepared.
    """
    owner: Any = _find(picture)
    try:
        if _hash(owner) != picture.hash:
            raise PictureError(f"the file of {picture.model} {picture.key} is another now")
        with owner.file.storage.open(owner.file.name) as file:
            content = _as_jpeg(file)
    except UNREADABLE_PICTURE as error:
        raise PictureError(f"{type(error).__name__}: {error}") from error
    return ImageData(content=content, mime_type=MIME_TYPE)


def _as_jpeg(file):
    """Return a picture that Willow can read as a JPEG; a rendition would keep a camera's notes."""
    picture = willow.Image.open(file).auto_orient()
    if picture.has_alpha():
        picture = picture.set_background_color_rgb((255, 255, 255))
    image = picture.get_pillow_image().convert("RGB")
    image.info.clear()
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    output = BytesIO()
    image.save(output, "JPEG", quality=QUALITY)
    return output.getvalue()


def _hash(owner):
    """Return what Wagtail has noted, which changes with the file; else read the file."""
    if known := getattr(owner, "file_hash", ""):
        return known
    with owner.file.storage.open(owner.file.name) as file:
        return hash_filelike(file)


def _find(picture) -> Model:
    model = apps.get_model(picture.model)
    try:
        return model._default_manager.get(pk=picture.key)
    except (model.DoesNotExist, ValueError, ValidationError) as error:
        raise PictureError(f"no {picture.model} {picture.key}") from error
