import pathlib
import shutil
import subprocess

import pytest
from compare import broken
from shapes import PROTO, descriptors, parse, shapes, text

RELEASED = pathlib.Path(__file__).resolve().parent / "released.descriptors"
SESSION = "message aftercall.events.v1.Session"


@pytest.fixture
def changed(tmp_path):
    """changed(old, new) → what is broken when session.proto says `new` instead of `old`"""
    folder = tmp_path / "proto"
    shutil.copytree(PROTO, folder)

    def change(old, new):
        path = folder / "aftercall" / "events" / "v1" / "session.proto"
        before = path.read_text()
        assert before.count(old) == 1
        path.write_text(before.replace(old, new))
        return broken(shapes(descriptors()), shapes(descriptors(folder)))

    return change


def test_what_the_last_release_said_is_still_understood():
    assert broken(parse(RELEASED.read_text()), shapes(descriptors())) == []


def test_the_stored_text_says_all():
    now = shapes(descriptors())
    assert parse(text(now)) == now and now[SESSION][10] == "title string"


def test_what_is_added_breaks_nothing(changed):
    assert changed("string title = 10;", "string title = 10;\n  string subtitle = 90;") == []


@pytest.mark.parametrize("old, new, told", [
    ("string title = 10;", "string title = 90;", "title string had the number 10 and has 90"),
    ("string title = 10;", "bytes title = 10;", "10 was title string and is title bytes"),
    ("string title = 10;", "repeated string title = 10;", "10 was title string and is title repeated string"),
    ("string title = 10;", "", "10 (title string) is gone; reserve its number"),
    ("string title = 10;", "string headline = 10;", "10 was title string and is headline string"),
    ("optional int64 revision", "int64 revision", "6 was revision optional int64 and is revision int64"),
    ("map<string, string> crm_hints", "map<string, bytes> crm_hints",
     "22 was crm_hints map of string, string and is crm_hints map of string, bytes"),
], ids=["renumbered", "another type", "repeated", "removed", "used for another", "presence", "in a map"])
def test_what_an_older_release_would_misread_is_told(changed, old, new, told):
    assert changed(old, new) == [f"{SESSION}: {told}"]


def test_what_is_taken_out_and_reserved_may_not_come_back(changed):
    assert changed("string title = 10;", "reserved 10;") == []
    assert broken({"m": {1: "reserved"}}, {"m": {1: "title string"}}) == ["m: 1 was reserved and is used again, by title string"]
    assert broken({"m": {1: "reserved"}}, {"m": {}}) == ["m: 1 is reserved no more"]


def test_an_enum_value_that_gets_another_number_is_told(changed):
    found = changed("phone = 2;\n    web_chat = 3;", "phone = 3;\n    web_chat = 2;")
    assert found == ["enum aftercall.events.v1.Channel.Value: phone had the number 2 and has 3",
                     "enum aftercall.events.v1.Channel.Value: web_chat had the number 3 and has 2"]


def test_a_message_that_is_gone_is_told():
    assert broken({SESSION: {}}, {}) == [f"{SESSION} is gone"]


def test_the_command_that_stores_a_release_is_the_one_that_is_documented():
    made = subprocess.run([pathlib.Path(__file__).resolve().parent / "shapes.py"], check=True, capture_output=True, text=True)
    assert parse(made.stdout) == shapes(descriptors())
