# Reads messages with Python's email package: one in base64 on each line of stdin, one JSON object for each on stdout. With an argument
# it reads the first that many times, and writes the seconds that one took.
import base64, email, email.header, hashlib, json, sys, time


def name_of(part):
    name = part.get_filename()
    if name and "=?" in name:
        name = str(email.header.make_header(email.header.decode_header(name)))
    return name or ""


def tree(part):
    out = {"type": part.get_content_type(), "name": name_of(part), "parts": []}
    if part.is_multipart():
        out["parts"] = [tree(p) for p in part.get_payload()]
    elif part.get_content_maintype() != "multipart":
        content = part.get_payload(decode=True)
        out["sha256"] = hashlib.sha256(content).hexdigest()
        if part.get_content_maintype() == "text" and (part.get_content_charset() or content.isascii()):
            out["text"] = content.decode(part.get_content_charset("us-ascii"), "replace")
    return out


if len(sys.argv) > 1:
    times, message = int(sys.argv[1]), base64.b64decode(sys.stdin.readline())
    start = time.perf_counter()
    for _ in range(times):
        tree(email.message_from_bytes(message))
    print((time.perf_counter() - start) / times)
    sys.exit()
for line in sys.stdin:
    print(json.dumps(tree(email.message_from_bytes(base64.b64decode(line)))))
