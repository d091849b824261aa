"""Reads questions, one JSON object a line, and writes the answers, one JSON value a line; null where Python does not know."""
import base64
import json
import sys
from email import message_from_string, policy, utils


def text(value):
    """Unstructured text with encoded-words decoded."""
    return str(policy.default.header_factory("X-Text", value))


def params(value):
    """The main value and the parameters, by name."""
    message = message_from_string("Content-Disposition: " + value + "\n\n")
    found = message.get_params(header="content-disposition")
    return [[name.lower(), utils.collapse_rfc2231_value(v)] for name, v in found]


def date(value):
    """Seconds since 1970."""
    parts = utils.parsedate_tz(value)
    return parts and utils.mktime_tz(parts)


def decode(value):
    """Bytes of a charset."""
    charset, data = value
    return base64.b64decode(data).decode(charset)


def encode(value):
    """Text in a charset."""
    charset, characters = value
    return base64.b64encode(characters.encode(charset)).decode("ascii")


ANSWERS = {"text": text, "params": params, "date": date, "decode": decode, "encode": encode}

for line in sys.stdin:
    question = json.loads(line)
    try:
        answer = ANSWERS[question["ask"]](question["value"])
    except (AttributeError, IndexError, LookupError, TypeError, UnicodeError, ValueError):
        answer = None
    print(json.dumps(answer), flush=True)
