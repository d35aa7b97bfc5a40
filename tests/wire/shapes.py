#!/usr/bin/python3
"""What our messages look like to others: a line for each field and enum value, from the descriptor set that protoc makes.

    tests/wire/shapes.py > tests/wire/released.descriptors     after a release, or when something was added: read the difference
"""

import pathlib
import subprocess
import sys

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"


def descriptors(folder=PROTO):
    """The compiled set of all proto files, without what Google defines."""
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.proto"))
    made = subprocess.run(["protoc", f"-I{folder}", "--descriptor_set_out=/dev/stdout", *files], check=True, stdout=subprocess.PIPE)
    return FileDescriptorSet.FromString(made.stdout)


def shapes(files):
    """{message, enum or service: {number or method: what it is}}; `reserved` is one of the keys."""
    found = {}
    for file in files.file:
        for message in file.message_type:
            _message(found, file.package, message)
        for enum in file.enum_type:
            _enum(found, file.package, enum)
        for service in file.service:
            methods = {each.name: _method(each) for each in service.method}
            found[f"service {file.package}.{service.name}"] = methods
    return found


def _message(found, scope, message):
    name = f"{scope}.{message.name}"
    # A map's entry is an ordinary message to protoc; its field says enough.
    nested = [each for each in message.nested_type if not each.options.map_entry]
    fields = {each.number: _field(message, each) for each in sorted(message.field, key=lambda each: each.number)}
    reserved = [number for each in message.reserved_range for number in range(each.start, each.end)]
    if fields or reserved or not (nested or message.enum_type):
        found[f"message {name}"] = {**fields, **{number: "reserved" for number in reserved}}
    for each in nested:
        _message(found, name, each)
    for each in message.enum_type:
        _enum(found, name, each)


def _enum(found, scope, enum):
    values = {each.number: each.name for each in enum.value}
    reserved = [number for each in enum.reserved_range for number in range(each.start, each.end + 1)]
    found[f"enum {scope}.{enum.name}"] = {**values, **{number: "reserved" for number in reserved}}


def _field(message, field):
    kind = FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    if field.type_name:
        kind = field.type_name[1:]
        for entry in message.nested_type:
            if entry.options.map_entry and kind.endswith(f".{message.name}.{entry.name}"):
                kind = "map of " + ", ".join(_field(entry, each).split(" ", 1)[1] for each in entry.field)
    repeated = "repeated " if field.label == FieldDescriptorProto.LABEL_REPEATED and not kind.startswith("map of") else ""
    optional = "optional " if field.proto3_optional else ""
    oneof = f" of {message.oneof_decl[field.oneof_index].name}" if field.HasField("oneof_index") and not field.proto3_optional else ""
    return f"{field.name} {repeated}{optional}{kind}{oneof}"


def _method(method):
    takes, gives = ("stream " if streams else "" for streams in (method.client_streaming, method.server_streaming))
    return f"{takes}{method.input_type[1:]} → {gives}{method.output_type[1:]}"


def text(found):
    lines = []
    for name in sorted(found):
        lines += [name, *(f"  {number} {what}" for number, what in found[name].items())]
    return "\n".join(lines) + "\n"


def parse(lines):
    """What text() made."""
    found, last = {}, {}
    for line in lines.splitlines():
        if line.startswith("  "):
            number, what = line.strip().split(" ", 1)
            last[int(number) if number.lstrip("-").isdigit() else number] = what
        elif line:
            last = found.setdefault(line, {})
    return found


if __name__ == "__main__":
    sys.stdout.write(text(shapes(descriptors())))
