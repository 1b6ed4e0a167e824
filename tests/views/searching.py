"""A mark for tests that search: the full-text indexes of MySQL hold only what is committed."""

import pytest
from django.db import connection

searches = pytest.mark.django_db(transaction=connection.vendor == "mysql")
