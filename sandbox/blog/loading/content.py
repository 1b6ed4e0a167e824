"""The content as it stands in the files: TOML, and Markdown under TOML front matter."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

CONTENT_DIR = Path(__file__).resolve().parent.parent.parent / "content"
FENCE = "+++\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture to paint: see :mod:`sandbox.blog.art`."""

    title: str
    scene: str
    palette: str
    seed: int
    description: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A related link, to a post by its slug or to an address."""

    caption: str
    page: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post; what is blank is left for an LLM action to fill."""

    title: str
    slug: str
    language: str
    date: date
    author: str
    image: Picture
    body: str
    """Markdown."""
    introduction: str = ""
    key_points: str = ""
    """Markdown."""
    seo_title: str = ""
    search_description: str = ""
    tags: tuple[str, ...] = ()
    gallery: tuple[Picture, ...] = ()
    related: tuple[Link, ...] = ()


def read_table(name: str) -> dict[str, Any]:
    """Return the content of one TOML file."""
    return tomllib.loads((CONTENT_DIR / name).read_text(encoding="utf-8"))


def read_posts() -> list[Post]:
    """Return all posts, oldest first."""
    paths = sorted(CONTENT_DIR.glob("posts/*/*.md"))
    return sorted((read_post(path) for path in paths), key=lambda post: post.date)


def read_post(path: Path) -> Post:
    """
    Read one post; its language is the name of its folder, its slug that of its file.

    :raises ValueError: if the file does not begin with front matter between two ``+++`` lines.
    """
    before, front, body = path.read_text(encoding="utf-8").split(FENCE, 2)
    if before:
        raise ValueError(f"{path} has text before its front matter")
    values = tomllib.loads(front)
    values["image"] = Picture(**values["image"])
    values["gallery"] = tuple(Picture(**each) for each in values.get("gallery", ()))
    values["related"] = tuple(Link(**each) for each in values.get("related", ()))
    return Post(slug=path.stem, language=path.parent.name, body=body.strip(), **values)
