"""What a table and a column are."""
import dataclasses
import functools
import uuid

EDM = {"string": "Edm.String", "memo": "Edm.String", "integer": "Edm.Int32", "picklist": "Edm.Int32", "double": "Edm.Double",
       "boolean": "Edm.Boolean", "datetime": "Edm.DateTimeOffset", "guid": "Edm.Guid", "lookup": "Edm.Guid"}
NAMESPACE = uuid.UUID("6f0d5c7e-0d53-5c0b-9a58-4a3f0e2b7c11")       # for ids that only have to be stable


@dataclasses.dataclass(frozen=True)
class Column:
    name: str
    kind: str
    max: int | None = None                   # UTF-16 code units
    options: tuple = ()                      # of a picklist: (value, label)
    navs: tuple = ()                         # of a lookup: (navigation property, target table)
    required: bool = False                   # SystemRequired: the API refuses null
    creatable: bool = True
    updatable: bool = True
    default: object = None

    @property
    def key(self):
        return self.name

    @property
    def lookup(self):
        return self.kind == "lookup"

    @property
    def edm(self):
        return EDM[self.kind]

    @property
    def property(self):
        return f"_{self.name}_value" if self.lookup else self.name


@dataclasses.dataclass(frozen=True)
class Table:
    name: str                                # logical: contact
    set: str                                 # in URLs: contacts
    key: str                                 # contactid
    privilege: str                           # as in prvReadContact
    columns: tuple
    code: int = 0                            # object type code
    children: tuple = ()                     # (navigation property, child table, its lookup column)

    @property
    def type_name(self):
        return f"Microsoft.Dynamics.CRM.{self.name}"

    @functools.cached_property
    def by_name(self):
        return {column.name: column for column in self.columns}

    @functools.cached_property
    def by_property(self):
        return {column.property: column for column in self.columns}

    @functools.cached_property
    def by_nav(self):
        """Navigation property → (column, targets): owner and queue item have several targets under one name."""
        navs = {}
        for column in self.columns:
            for nav, target in column.navs:
                navs.setdefault(nav, (column, []))[1].append(target)
        return navs

    @functools.cached_property
    def by_child(self):
        return {nav: (child, column) for nav, child, column in self.children}

    def column_of(self, name):
        return self.by_property.get(name)

    def without(self, names):
        return dataclasses.replace(self, columns=tuple(c for c in self.columns if c.name not in names))

    def with_column(self, column):
        return dataclasses.replace(self, columns=tuple(column if c.name == column.name else c for c in self.columns))


def stable_id(*parts):
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


def text(name, length, **more):
    return Column(name, "string", max=length, **more)


def memo(name, length, **more):
    return Column(name, "memo", max=length, **more)


def choice(name, options, **more):
    return Column(name, "picklist", options=tuple(options.items()), **more)


def lookup(name, navs, **more):
    return Column(name, "lookup", navs=tuple(navs), **more)


def read_only(name, kind, **more):
    return Column(name, kind, creatable=False, updatable=False, **more)


def housekeeping(owned=True):
    """The columns that every table keeps by itself."""
    columns = [read_only("createdon", "datetime"), read_only("modifiedon", "datetime")]
    for name in ("createdby", "modifiedby", "createdonbehalfby"):
        columns.append(read_only(name, "lookup", navs=((name, "systemuser"),)))
    if owned:
        columns.append(lookup("ownerid", (("ownerid", "systemuser"), ("ownerid", "team")), required=True))
    return tuple(columns)
