"""pyfilter.py: the four workloads as a filter in Python with pymilter, to compare with.

    pyfilter.py inet:PORT@127.0.0.1|unix:/path w1|w2|w3|w4

It asks the MTA for no more than its workload needs, as a good filter does: pymilter negotiates away what is marked as
nocallback, which it is in Milter.Base, and the replies of what is marked as noreply.
"""
import sys

import Milter
import milter

TOKEN = b"EICAR-TEST"
KEEP = len(TOKEN) - 1  # bytes of a chunk that may be the beginning of a token


class Filter(Milter.Base):
    """What all workloads share: self.count is begun anew after each message."""

    def __init__(self):
        self.forget()

    def forget(self):
        self.count = 0
        self.found = False

    def abort(self):
        self.forget()
        return Milter.CONTINUE

    def eom(self):
        verdict = self.judge()
        self.forget()
        return verdict


class Recipients(Filter):
    @Milter.noreply
    def envrcpt(self, address, *params):
        self.count += 1
        return Milter.CONTINUE

    def judge(self):
        self.addheader("X-Rcpt-Count", str(self.count))
        return Milter.CONTINUE


class Fields(Filter):
    @Milter.noreply
    def header(self, name, value):
        self.count += 1
        if name.lower() == "subject" and "viagra" in value.lower():
            self.found = True
        return Milter.CONTINUE

    def judge(self):
        self.addheader("X-Header-Count", str(self.count))
        if self.found:
            self.addheader("X-Match", "yes")
        return Milter.CONTINUE


class Body(Filter):
    def forget(self):
        super().forget()
        self.tail = b""

    @Milter.noreply
    def body(self, chunk):
        self.count += len(chunk)
        if not self.found:
            border = self.tail + chunk[:KEEP]
            self.found = TOKEN in border or TOKEN in chunk
            self.tail = (border if len(chunk) < KEEP else chunk)[-KEEP:]
        return Milter.CONTINUE

    def judge(self):
        if self.found:
            self.setreply("550", "5.7.1", "the test token is in the body")
            return Milter.REJECT
        self.addheader("X-Body-Bytes", str(self.count))
        return Milter.CONTINUE


class Everything(Filter):
    def connect(self, host, family, address):
        return Milter.CONTINUE

    def hello(self, name):
        return Milter.CONTINUE

    def note(self, *arguments):
        self.count += 1
        return Milter.CONTINUE

    envfrom = envrcpt = data = header = eoh = body = note

    def judge(self):
        self.addheader("X-Events", str(self.count + 1))
        return Milter.CONTINUE


WORKLOADS = {"w1": Recipients, "w2": Fields, "w3": Body, "w4": Everything}

if len(sys.argv) != 3 or sys.argv[2] not in WORKLOADS:
    sys.exit("usage: pyfilter.py inet:PORT@HOST|unix:/path w1|w2|w3|w4")
Milter.factory = WORKLOADS[sys.argv[2]]
Milter.set_flags(Milter.ADDHDRS)
milter.setbacklog(1024)
Milter.runmilter("pyfilter", sys.argv[1])
