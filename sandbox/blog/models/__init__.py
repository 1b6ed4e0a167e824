"""The blog's pages and its authors."""

from sandbox.blog.models.authors import Author
from sandbox.blog.models.indexes import BlogIndexPage, HomePage
from sandbox.blog.models.posts import BlogPage, GalleryImage, RelatedLink, TaggedPost

__all__ = [
    "Author",
    "BlogIndexPage",
    "BlogPage",
    "GalleryImage",
    "HomePage",
    "RelatedLink",
    "TaggedPost",
]
