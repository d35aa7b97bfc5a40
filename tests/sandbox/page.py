"""The HTML pages: organisations, and records with their notes as a CRM user would see them."""
import html

from .dataverse.answer import Answer


def answer(world, request):
    return Answer(404 if request.path != "/" else 200, {"Content-Type": "text/html"}, b"todo")


def answer_org(org, rest, request):
    return Answer(200, {"Content-Type": "text/html"}, html.escape(org.name).encode())
