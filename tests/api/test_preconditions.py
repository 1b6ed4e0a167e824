"""The header ``If-Match``, as RFC 9110 has it."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["templates", "limits"])
def url(request, home):
    """The address of a row that can be changed."""
    row = factories.make_template() if request.param == "templates" else factories.make_limit()
    return f"/{request.param}/{getattr(row, 'slug', row.pk)}"


@pytest.fixture
def change(boss, url):
    """Return a function that changes the row if its tag is among those of a header."""
    present = boss.send("GET", url)["ETag"]

    def send(header):
        headers = {"If-Match": header.replace("…", present)}
        return boss.send("PATCH", url, {"name": "New"}, headers=headers)

    return send


@pytest.mark.parametrize(
    "header", ["…", "*", " * ", '"old", …', '…,"old"', ',"o,l,d" ,\t, …,', 'W/"old", …', '"", …']
)
def test_any_tag_of_a_list_may_match(change, header):
    response = change(header)
    assert response.status_code == 200, response.json()


@pytest.mark.parametrize("header", ['"old"', '"old", "older"', 'W/…, "old"', '""', '"*"'])
def test_none_that_matches_is_a_conflict(change, header):
    response = change(header)
    assert (response.status_code, response.json()["code"]) == (412, "version_conflict")


def test_weak_tags_match_nothing_and_it_is_said_what_to_send_instead(boss, url, change):
    response = change('W/…, W/"old"')
    assert (response.status_code, response.json()["code"]) == (412, "version_conflict")
    assert "A weak tag matches no version." in response.json()["detail"]
    version = boss.send("GET", url).json()["version"]
    assert boss.send("PATCH", url, {"name": "New", "version": version}).status_code == 200


@pytest.mark.parametrize(
    "header", ["", ",", "old", '"old', 'w/"old"', '*, "old"', '"old" "older"', '"o ld"', 'W/ "old"']
)
def test_a_header_that_is_no_list_of_tags_is_refused(change, header):
    response = change(header)
    assert (response.status_code, response.json()["code"]) == (400, "form_data")
    assert "“If-Match” cannot be read" in response.json()["detail"]


@pytest.mark.parametrize("header", ['W/"x"', '"x"'])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
class TestRightsAndExistenceComeFirst:
    def test_who_may_only_look_is_refused(self, keeper, url, method, header):
        client = keeper("view_prompttemplate", "view_llmlimit")
        assert _sent(client, method, url, header) == (403, "permission")

    @pytest.mark.parametrize("url", ["/templates/none", "/limits/999999"])
    def test_what_is_not_there_is_not_found(self, boss, url, method, header):
        assert _sent(boss, method, url, header) == (404, "not_found")


def test_an_empty_version_names_none(boss, url):
    response = boss.send("DELETE", f"{url}?version=")
    assert (response.status_code, response.json()["code"]) == (428, "version_required")


def _sent(client, method, url, header):
    body = {"name": "New"} if method == "PATCH" else None
    response = client.send(method, url, body, headers={"If-Match": header})
    return response.status_code, response.json()["code"]
