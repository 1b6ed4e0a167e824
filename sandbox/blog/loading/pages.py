"""The page trees, one for each language, and the posts in them."""

import uuid

from wagtail.models import Locale, Page, Site

from sandbox.blog.loading.content import Post
from sandbox.blog.loading.markdown import to_blocks, to_rich_text
from sandbox.blog.loading.pictures import Gallery
from sandbox.blog.models import Author, BlogIndexPage, BlogPage, GalleryImage, HomePage, RelatedLink


def make_trees(languages: list[dict], site_name: str) -> dict[str, BlogIndexPage]:
    """
    Make a home page and an index in each language; return the indexes by language.

    The first language becomes the site's, in place of Wagtail's welcome page.
    """
    root = Page.get_first_root_node()
    welcome = list(root.get_children())
    home_key, index_key = uuid.uuid4(), uuid.uuid4()
    indexes = {}
    for values in languages:
        locale, _ = Locale.objects.get_or_create(language_code=values["code"])
        home = _home(root, locale, home_key, values["home"])
        if not indexes:
            _open_site(home, site_name)
        indexes[values["code"]] = _index(home, locale, index_key, values["index"])
    for page in welcome:
        page.delete()
    return indexes


def _home(root: Page, locale: Locale, key: uuid.UUID, values: dict) -> HomePage:
    slug = f"home-{locale.language_code}"
    home = HomePage(locale=locale, translation_key=key, slug=slug, **values)
    root.add_child(instance=home)
    home.save_revision().publish()
    return home


def _index(home: HomePage, locale: Locale, key: uuid.UUID, values: dict) -> BlogIndexPage:
    index = BlogIndexPage(
        locale=locale, translation_key=key, slug="blog", show_in_menus=True, **values
    )
    home.add_child(instance=index)
    index.save_revision().publish()
    return index


def _open_site(home: HomePage, name: str) -> None:
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    site.hostname, site.port, site.site_name, site.root_page = "localhost", 80, name, home
    site.save()


def make_post(post: Post, index: BlogIndexPage, author: Author, gallery: Gallery) -> BlogPage:
    """Make and publish a post; its related links need the other posts first."""
    page = BlogPage(
        title=post.title,
        slug=post.slug,
        locale=index.locale,
        date=post.date,
        author=author,
        introduction=post.introduction,
        seo_title=post.seo_title,
        search_description=post.search_description,
        key_points=to_rich_text(post.key_points),
        image=gallery.image(post.image),
        body=_body(post.body, gallery),
    )
    page.gallery_images = [
        GalleryImage(image=gallery.image(picture), caption=picture.caption, sort_order=order)
        for order, picture in enumerate(post.gallery)
    ]
    index.add_child(instance=page)
    page.tags.add(*post.tags)
    page.save()
    page.save_revision().publish()
    return page


def link_posts(posts: list[Post], pages: dict[str, BlogPage]) -> None:
    """Give the posts their related links."""
    for post in posts:
        page = pages[post.slug]
        page.related_links = [
            RelatedLink(
                caption=link.caption,
                linked_page=pages[link.page] if link.page else None,
                url=link.url,
                sort_order=order,
            )
            for order, link in enumerate(post.related)
        ]
        page.save_revision().publish()


def _body(markdown: str, gallery: Gallery) -> list[dict]:
    """Return the blocks as they are stored, each with an identity."""
    blocks = []
    for kind, value in to_blocks(markdown):
        if kind == "figure":
            value = {"image": gallery.image(value).pk, "caption": value.caption}
        blocks.append({"id": str(uuid.uuid4()), "type": kind, "value": value})
    return blocks
