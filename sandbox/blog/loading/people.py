"""Users with their groups' permissions, and the authors."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

from sandbox.blog.models import Author

ADMIN, MODERATOR, EDITOR = "admin", "moderator", "editor"
USER_NAMES = (ADMIN, MODERATOR, EDITOR)
"""Their passwords are the same."""

PERMISSIONS = {
    "Editors": [
        ("blog", "view_author"),
        ("blog", "add_author"),
        ("blog", "change_author"),
        ("wagtail_llm_actions", "run_llmaction"),
    ],
    "Moderators": [
        ("blog", "view_author"),
        ("blog", "add_author"),
        ("blog", "change_author"),
        ("blog", "delete_author"),
        ("blog", "publish_author"),
        ("wagtail_llm_actions", "run_llmaction"),
        ("wagtail_llm_actions", "view_llmactionhistory"),
    ],
}


def make_users() -> None:
    """Make the users that are missing and give Wagtail's groups their permissions."""
    for name, permissions in PERMISSIONS.items():
        group = Group.objects.get(name=name)
        for app_label, codename in permissions:
            permission = Permission.objects.get(
                content_type__app_label=app_label, codename=codename
            )
            group.permissions.add(permission)
    for name in USER_NAMES:
        make_user(name)


def make_user(name: str) -> None:
    """Make a user whose password is the name, unless somebody has that name."""
    users = get_user_model().objects
    if users.filter(username=name).exists():
        return
    user = users.create_user(name, f"{name}@example.com", name, is_superuser=name == ADMIN)
    if name != ADMIN:
        user.groups.add(Group.objects.get(name=f"{name.title()}s"))


def make_authors(table: list[dict]) -> dict[str, Author]:
    """Make the authors; return them by their keys in the content."""
    authors = {}
    for values in table:
        key = values.pop("key")
        author = authors[key] = Author(**values)
        author.save()
        author.save_revision().publish()
    return authors
