"""Reads lists of addresses, one JSON string a line, and writes what they have, one JSON object a line."""
import json
import sys
from email import policy, utils


def groups(text):
    """The groups of a list, None where Python has an error of its own."""
    try:
        header = policy.default.header_factory("To", text)
        return [
            [group.display_name, [[a.display_name, a.username, a.domain] for a in group.addresses]]
            for group in header.groups
        ]
    except (AttributeError, IndexError, ValueError):
        return None


def plain(text):
    """The addresses that the older reader finds; "" stands for what it does not take, which differs between versions of Python."""
    try:
        found = utils.getaddresses([text], strict=False)
    except TypeError:  # strict is new, and then the default
        found = utils.getaddresses([text])
    return [address for _, address in found]


for line in sys.stdin:
    value = json.loads(line)
    print(json.dumps({"groups": groups(value), "plain": plain(value)}), flush=True)
