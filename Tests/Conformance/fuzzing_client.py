"""Runs the Autobahn suite's fuzzing client against a server: fuzzing_client.py SUITE SPEC.

SUITE is the folder that convert_suite.py has filled, SPEC the suite's own JSON: servers, cases, outdir. The results are OUTDIR/index.json. The suite thinks of
octets as text (see convert_suite.py) and the autobahn library, which it stands on, as bytes: what passes between them is turned here.
"""

import binascii
import json
import sys
import warnings

warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])


def to_bytes(value):
    return value.encode("latin-1") if isinstance(value, str) else value


def to_text(value):
    return value.decode("latin-1") if isinstance(value, (bytes, bytearray)) else value


hexlify = binascii.b2a_hex
binascii.b2a_hex = lambda data, *rest: hexlify(to_bytes(data), *rest).decode("ascii")

import zope.interface  # noqa: E402

# A class decorator since; the suite calls it in the class's body.
zope.interface.implements = lambda *interfaces: None

import autobahn  # noqa: E402

autobahn.version = autobahn.__version__

from twisted.internet import reactor  # noqa: E402

from autobahntestsuite import fuzzing  # noqa: E402
from autobahntestsuite.case import case  # noqa: E402

Fuzzer, Library = fuzzing.FuzzingClientProtocol, fuzzing.WebSocketClientProtocol


def octets(events: list) -> list:
    return [tuple(value if isinstance(value, (bool, int)) else to_text(value) for value in event) for event in events]


def on_message(self, message, is_binary):
    # The cases of chapters 9, 12 and 13 keep what they sent as bytes.
    keeps_bytes = hasattr(self.runCase, "TESTDATA") or hasattr(self.runCase, "testData")
    self.runCase.onMessage(message if keeps_bytes else to_text(message), is_binary)


case.Case.compare = lambda self, seen, expected: octets(seen) == octets(expected)
fuzzing.asciiLogData = lambda data, maxlen=64, replace=False: "" if data is None else to_text(data)[:maxlen]
fuzzing.binLogData = lambda data, maxlen=64: binascii.b2a_hex(data[:maxlen])
Fuzzer.onMessage = on_message
Fuzzer.onPing = lambda self, payload: Library.onPing(self, payload)
Fuzzer.onPong = lambda self, payload: self.runCase.onPong(to_text(payload))
Fuzzer.sendFrame = lambda self, opcode, payload="", **rest: Library.sendFrame(self, opcode, to_bytes(payload), **rest)
Fuzzer.sendMessage = lambda self, payload, isBinary=False, *rest, **named: Library.sendMessage(self, to_bytes(payload), isBinary, *rest, **named)
Fuzzer.sendMessageFrameData = lambda self, payload, sync=False: Library.sendMessageFrameData(self, to_bytes(payload), sync)
Fuzzer.sendCloseFrame = lambda self, code=None, reasonUtf8=None, isReply=False: Library.sendCloseFrame(
    self, code=code, reasonUtf8=to_bytes(reasonUtf8), isReply=isReply
)
Fuzzer.failConnection = getattr(Library, "_fail_connection", None) or Library._failConnection
# A page for every case is more than anybody reads.
fuzzing.FuzzingClientFactory.createReports = lambda self: fuzzing.FuzzingFactory.createReports(self, produceHtml=False, produceJson=True)

dumps = json.dumps
json.dumps = lambda value, **named: dumps(value, default=lambda other: to_text(other) if isinstance(other, (bytes, bytearray)) else str(other), **named)

with open(sys.argv[2]) as spec:
    fuzzing.startClient(json.load(spec))
reactor.run()
