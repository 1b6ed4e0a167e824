"""Who is refused where: every place of the URL configuration, under every condition."""
