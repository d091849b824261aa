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


for line in sys.stdin:
    value = json.loads(line)
    plain = [address for _, address in utils.getaddresses([value])]
    print(json.dumps({"groups": groups(value), "plain": plain}), flush=True)
