"""One request as the Web API sees it, whether it came alone or inside a batch."""
import dataclasses
import re

from . import errors
from .schema import stable_id
from ..odata.options import OptionProblem, decode

SEGMENT = re.compile(r"([^()]+)(?:\((.*)\))?")
PREFERENCE = re.compile(r'\s*([^=,;"\s]+)(?:\s*=\s*(?:"([^"]*)"|([^,;"\s]*)))?\s*(?:,|;|$)')


@dataclasses.dataclass
class Call:
    org: object
    user: object                             # who acts; impersonation replaces it
    method: str
    path: str                                # raw, below the service root, with its leading slash
    query: str                               # raw
    headers: dict                            # names in lower case
    body: bytes
    root: str                                # absolute URL of the service root, without a trailing slash
    now: str
    caller: object = None                    # the true actor while impersonating
    content_ids: dict = dataclasses.field(default_factory=dict)       # inside a change set: id → (table, row id)

    def __post_init__(self):
        self.preferences = read_preferences(self.headers.get("prefer", ""))

    @property
    def wants_representation(self):
        return self.preferences.get("return") == "representation"

    def url(self, table, row_id):
        return f"{self.root}/{table.set}({row_id})"

    def need(self, verb, table):
        """Refuses unless the acting user, and the impersonating caller too, has the privilege."""
        name = f"prv{verb}{table.privilege}"
        for user in filter(None, (self.user, self.caller)):
            if name not in user.privileges:
                raise errors.missing_privilege(user.id, name, stable_id("privilege", name), table)


def read_preferences(text):
    """`return=representation, odata.maxpagesize=2` → dict; a preference without a value holds None."""
    return {match[1]: match[2] if match[2] is not None else match[3] for match in PREFERENCE.finditer(text) if match[1]}


def segments(path):
    """`/contacts(1)/Contact_Annotation` → [(contacts, 1), (Contact_Annotation, None)]"""
    found = []
    for raw in path.strip("/").split("/"):
        try:
            match = SEGMENT.fullmatch(decode(raw.replace("+", "%2B")))
        except OptionProblem as problem:
            raise errors.bad_query(str(problem)) from None
        if not match:
            raise errors.missing_segment(raw)
        found.append((match[1], match[2]))
    return found
