"""The pictures that a run sends along: which they are is prepared, their bytes are read when sent."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from wagtail_llm_actions.content.pictures import load_picture, picture_of
from wagtail_llm_actions.models import LLMActionHistory, LLMConfig
from wagtail_llm_actions.providers import providers
from wagtail_llm_actions.values import ImageData, ModelAbility, Picture

MAX_PICTURES = 8
"""Of one source; each costs a model as much as some pages of text."""
TOKENS_PER_PICTURE = 1600
"""What the common models count for a picture of the size that is sent, on the safe side."""


def sees_pictures(config: LLMConfig) -> bool:
    """
    Return whether the model of a configuration looks at pictures.

    :raises ImproperlyConfigured: if its provider cannot be built.
    """
    return config.reads_images and ModelAbility.IMAGES in providers[config.provider].supports


def pictures_of(
    images: Sequence[Any], label: str, *, sees: bool
) -> tuple[tuple[Picture, ...], str]:
    """
    Return the pictures of a source's images, and what the editor has to know about the others.

    :param label: what the source is called.
    :param sees: whether the model looks at pictures.
    """
    if images and not sees:
        return (), _notice(
            gettext(
                "The language model does not look at pictures. Of “%(label)s” it is only told "
                "what is written about it."
            ),
            label,
        )
    found = [picture for image in images[:MAX_PICTURES] if (picture := picture_of(image))]
    if len(found) == len(images):
        return tuple(found), ""
    return tuple(found), _notice(
        gettext(
            "Not every image of “%(label)s” is sent as a picture: some cannot be read, or there "
            "are too many."
        ),
        label,
    )


def load_pictures(run: LLMActionHistory) -> tuple[ImageData, ...]:
    """
    Read the pictures that a run sends along.

    :raises PictureError: if one is gone, or has become another since the run was prepared.
    """
    return tuple(load_picture(picture) for picture in _pictures(run))


def picture_count(run: LLMActionHistory) -> int:
    """Return how many pictures a run sends along."""
    return len(_pictures(run))


def picture_tokens(run: LLMActionHistory) -> int:
    """Return a safe upper estimate of the tokens in the pictures of a run."""
    return TOKENS_PER_PICTURE * picture_count(run)


def _pictures(run: LLMActionHistory) -> list[Picture]:
    return [Picture(**picture) for source in run.sources for picture in source.get("pictures", ())]


def _notice(sentence: str, label: str) -> str:
    return sentence % {"label": label}
