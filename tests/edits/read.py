# Reads messages with Python's email package: one in base64 on each line of stdin. On stdout is a JSON array for each, of its parts that are
# not multiparts: whether it is in an attached message, its type, file name, the SHA-256 of its content, and its text without blanks.
import base64, email, hashlib, html, json, re, sys


def text_of(part, content):
    text = content.decode(part.get_content_charset("us-ascii"), "backslashreplace")
    if part.get_content_subtype() == "html":
        text = html.unescape(re.sub("<[^>]*>", "", text))
    return re.sub(r"\s", "", text)


def leaves(part, attached):
    if part.get_content_type() == "message/rfc822":
        return [leaf for p in part.get_payload() for leaf in leaves(p, True)]
    if part.is_multipart():
        return [leaf for p in part.get_payload() for leaf in leaves(p, attached)]
    content = part.get_payload(decode=True)
    leaf = {"attached": attached, "type": part.get_content_type(), "name": part.get_filename() or ""}
    leaf["sha256"] = hashlib.sha256(content).hexdigest()
    if part.get_content_maintype() == "text":
        leaf["text"] = text_of(part, content)
    return [leaf]


for line in sys.stdin:
    print(json.dumps(leaves(email.message_from_bytes(base64.b64decode(line)), False)))
