"""One sandbox of one Python function: serves its invocations over HTTP/1.1 with the standard library alone.

Comes in: the package this file lies in (function/, site-packages/, sebs-package.json) and requests `POST /` with the
event as JSON. Goes out: the answer that schemas/wrapper-answer.schema.json describes.

Environment: SEBS_LISTEN_HOST (127.0.0.1), SEBS_LISTEN_PORT (0: any), SEBS_SANDBOX_ID, SEBS_CONTROL_FD (3; `none` in a
container). The control channel is a socket pair or a pipe: the worker writes `ready <port>` to it once it serves, and
kills its own process group when the other end closes. Without one the line goes to standard output.
Runs on Python 3.8 and newer. Imports little: every module here is part of the cold start that is measured.
"""

import time

STARTED_NS = time.time_ns()

import _thread  # noqa: E402  (threading would add a millisecond to every cold start)
import json  # noqa: E402
import os  # noqa: E402
import select  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import stat  # noqa: E402
import sys  # noqa: E402

try:
    from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
except ImportError:  # not a Unix
    getrusage = None

ROOT = os.path.dirname(os.path.abspath(__file__))
MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_HEAD_BYTES = 64 * 1024
# Reading stops here when a client promises a body and does not send it on, or does not read its answer.
PEER_TIMEOUT_S = 60
REASONS = {200: "OK", 400: "Bad Request", 405: "Method Not Allowed", 411: "Length Required",
           413: "Content Too Large", 431: "Request Header Fields Too Large", 500: "Internal Server Error"}


class BadRequest(Exception):
    """The request is not one that a worker answers; the connection is closed after the reply."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


# ---------------------------------------------------------------- the function


def import_handler():
    """The function's handler, or the error that importing it raised: (handler, error, import_us)."""
    sys.path[:0] = [ROOT, os.path.join(ROOT, "site-packages")]
    began = time.perf_counter_ns()
    handler, error = None, None
    try:
        with open(os.path.join(ROOT, "sebs-package.json"), encoding="utf-8") as file:
            name = json.load(file)["handler"]
        from importlib import import_module

        module = import_module("function." + name.replace("/", "."))
        handler = getattr(module, "handler", None)
        if not callable(handler):
            raise TypeError(f"module 'function/{name}.py' has no function named 'handler'")
    except BaseException as failure:  # also SystemExit: the sandbox must live to tell what happened
        error = describe(failure)
        sys.stderr.write(error["trace"])
    return handler, error, (time.perf_counter_ns() - began) // 1000


def describe(failure):
    """An exception as the answer's `error`."""
    from traceback import format_exception

    trace = "".join(format_exception(type(failure), failure, failure.__traceback__))
    error = {"type": type(failure).__name__, "message": str(failure), "trace": trace[-8000:]}
    if isinstance(failure, MemoryError):
        error["out_of_memory"] = True
    return error


def split_result(value):
    """A handler returns its output, or an object with `result` and its own `measurement`, as in SeBS."""
    if isinstance(value, dict) and "result" in value:
        result = {"output": value["result"]}
        if value.get("measurement") is not None:
            result["measurement"] = value["measurement"]
        return result
    return {"output": value}


class Function:
    """The imported handler with what it needs to be measured, and how often it was invoked."""

    def __init__(self):
        self.sandbox_id = os.environ.get("SEBS_SANDBOX_ID", f"pid-{os.getpid()}")
        self.started_at = iso(STARTED_NS)
        self.count = 0
        self.peak = PeakMemory()
        self.handler, self.import_error, self.import_us = import_handler()

    def invoke(self, event, request_id):
        """Runs the handler once: (status, answer as JSON bytes)."""
        index = self.count
        self.count += 1
        value, error = None, self.import_error
        self.peak.reset()
        before = usage()
        begin_ns = time.time_ns()
        began = time.perf_counter_ns()
        if error is None:
            try:
                value = self.handler(event)
                ended, end_ns = time.perf_counter_ns(), time.time_ns()
            except BaseException as failure:  # a handler may raise anything, SystemExit included
                ended, end_ns = time.perf_counter_ns(), time.time_ns()
                error = describe(failure)
                sys.stderr.write(error["trace"])
        else:
            ended, end_ns = began, begin_ns
        answer = {
            "request_id": request_id,
            "begin_at": iso(begin_ns),
            "end_at": iso(end_ns),
            "benchmark_us": (ended - began) // 1000,
            "is_cold": index == 0,
            "sandbox_id": self.sandbox_id,
            "sandbox_started_at": self.started_at,
            "invocation_index": index,
            "resources": resources(before, usage(), self.peak.read()),
        }
        if index == 0:
            answer["import_us"] = self.import_us
        flush_output()
        return finish(answer, value, error)


def finish(answer, value, error):
    """The answer with its result or its error, as JSON."""
    if error is None:
        try:
            answer["result"] = split_result(value)
            return 200, json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError, MemoryError) as failure:
            del answer["result"]
            error = describe(failure)
            error["message"] = f"the output of the function cannot be written as JSON: {failure}"
    answer["error"] = error
    return 500, json.dumps(answer, separators=(",", ":")).encode()


# ---------------------------------------------------------------- measuring


def iso(nanoseconds):
    """UTC, ISO-8601, with microseconds."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + ".%06dZ" % (rest // 1000)


def usage():
    """Resource usage of this process and of its children that have ended."""
    return None if getrusage is None else (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))


def resources(before, after, peak):
    """What an invocation used; what is unknown is absent."""
    if before is None or after is None:
        return dict(peak)

    def used(field):
        return sum(getattr(late, field) - getattr(early, field) for early, late in zip(before, after))

    return {
        **peak,
        "cpu_user_us": round(used("ru_utime") * 1e6),
        "cpu_system_us": round(used("ru_stime") * 1e6),
        "page_faults_minor": used("ru_minflt"),
        "page_faults_major": used("ru_majflt"),
        "context_switches_voluntary": used("ru_nvcsw"),
        "context_switches_involuntary": used("ru_nivcsw"),
    }


class PeakMemory:
    """Peak resident memory of this process, since the last reset where the kernel allows one."""

    def __init__(self):
        self.status = open_or_none("/proc/self/status", os.O_RDONLY)
        self.clear = open_or_none("/proc/self/clear_refs", os.O_WRONLY)

    def reset(self):
        if self.clear is not None:
            try:
                os.write(self.clear, b"5")
            except OSError:
                self.clear = None

    def read(self):
        scope = "since sandbox start" if self.clear is None else "invocation"
        if self.status is not None:
            # Not ru_maxrss: on Linux it also remembers the size of the process that started this one.
            _, found, rest = os.pread(self.status, 8192, 0).partition(b"VmHWM:")
            if found:
                return {"memory_peak_bytes": int(rest.split(None, 1)[0]) * 1024, "memory_peak_scope": scope}
        if getrusage is None:
            return {}
        factor = 1 if sys.platform == "darwin" else 1024
        peak = getrusage(RUSAGE_SELF).ru_maxrss * factor
        return {"memory_peak_bytes": peak, "memory_peak_scope": "since sandbox start"}


def open_or_none(path, flags):
    try:
        return os.open(path, flags)
    except OSError:
        return None


def flush_output():
    """What the function printed is in the log before its caller hears of the result."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):  # the function closed or replaced it
            pass


# ---------------------------------------------------------------- HTTP


class Connection:
    """One client connection: what was received and not yet answered."""

    def __init__(self, peer):
        self.peer = peer
        self.received = bytearray()
        self.head = None

    def next_request(self):
        """The next complete request as (headers, body), or None until more has come."""
        if self.head is None:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                if len(self.received) > MAX_HEAD_BYTES:
                    raise BadRequest(431, f"the request's header is longer than {MAX_HEAD_BYTES} bytes")
                return None
            self.head = parse_head(bytes(self.received[:end]))
            del self.received[: end + 4]
            if self.head.get(b"expect", b"").lower() == b"100-continue":
                self.peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = self.head[b":length"]
        if len(self.received) < length:
            return None
        body = bytes(self.received[:length])
        del self.received[:length]
        head, self.head = self.head, None
        return head, body

    def reply(self, status, body, close):
        ending = b"connection: close\r\n\r\n" if close else b"connection: keep-alive\r\n\r\n"
        head = b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n" % (
            status, REASONS[status].encode(), len(body))
        self.peer.sendall(head + ending + body)


def parse_head(text):
    """Headers by lower-case name, with :close and :length. Raises BadRequest."""
    first, *lines = text.split(b"\r\n")
    parts = first.split(b" ")
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/1."):
        raise BadRequest(400, "the request does not begin with an HTTP/1 request line")
    if parts[0] != b"POST":
        raise BadRequest(405, "a function is invoked by POST")
    head = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon:
            raise BadRequest(400, "a header line has no colon")
        head[name.strip().lower()] = value.strip()
    connection = head.get(b"connection", b"").lower()
    head[b":close"] = b"close" in connection or (parts[2] == b"HTTP/1.0" and b"keep-alive" not in connection)
    length = head.get(b"content-length")
    if b"transfer-encoding" in head or length is None:
        raise BadRequest(411, "a request needs a content-length")
    if not length.isdigit():
        raise BadRequest(400, "the content-length is not a number")
    head[b":length"] = int(length)
    if head[b":length"] > MAX_BODY_BYTES:
        raise BadRequest(413, f"the body is longer than {MAX_BODY_BYTES} bytes")
    return head


def answer_waiting(connection, function):
    """Answers every complete request of a connection; False when the connection is to be closed."""
    while True:
        request = connection.next_request()
        if request is None:
            return True
        head, body = request
        try:
            event = json.loads(body)
        except (ValueError, RecursionError) as failure:
            raise BadRequest(400, f"the body is not JSON: {failure}") from None
        attempt = head.get(b"x-sebs-attempt")
        status, answer = function.invoke(event, attempt.decode("latin-1") if attempt else new_id())
        connection.reply(status, answer, head[b":close"])
        if head[b":close"]:
            return False


def serve_connection(connection, function):
    """Reads what has come and answers it; False when the connection is to be closed."""
    try:
        chunk = connection.peer.recv(1 << 18)
        if not chunk:
            return False
        connection.received += chunk
        return answer_waiting(connection, function)
    except BadRequest as problem:
        body = json.dumps({"error": {"type": "BadRequest", "message": str(problem)}}).encode()
        try:
            connection.reply(problem.status, body, True)
        except OSError:
            pass
        return False
    except OSError:  # the client went away
        return False


def serve(listener, function):
    """Serves for ever. One thread, one invocation at a time: a sandbox is held for one request."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    connections = {}
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == listener.fileno():
                peer, _ = listener.accept()
                peer.settimeout(PEER_TIMEOUT_S)
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connections[peer.fileno()] = Connection(peer)
                poll.register(peer, select.POLLIN)
            elif not serve_connection(connections[descriptor], function):
                poll.unregister(descriptor)
                connections.pop(descriptor).peer.close()


def new_id():
    """A random UUID; the uuid module would cost a millisecond of every cold start."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


# ---------------------------------------------------------------- the control channel


def open_control():
    """Descriptor of the control channel, or None; watched from here on, so that a hanging import ends too."""
    asked = os.environ.get("SEBS_CONTROL_FD", "3")
    if not asked.isdigit():
        return None
    control = int(asked)
    try:
        mode = os.fstat(control).st_mode
    except OSError:
        return None
    if not (stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode)):
        return None
    os.set_inheritable(control, False)
    _thread.start_new_thread(end_with, (control,))
    return control


def end_with(control):
    """Ends the whole process group when nobody holds the other end of the control channel any more."""
    try:
        while os.read(control, 64):
            pass
    except OSError:
        pass
    try:
        # Only a group of our own: started by hand, the worker shares its group with a shell.
        os.killpg(os.getpid(), signal.SIGKILL)
    except OSError:
        os.kill(os.getpid(), signal.SIGKILL)


def announce(control, port):
    line = b"ready %d\n" % port
    os.write(1 if control is None else control, line)


def main():
    control = open_control()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)
    listener = socket.socket(socket.AF_INET6 if ":" in listen_host() else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((listen_host(), int(os.environ.get("SEBS_LISTEN_PORT", "0"))))
    function = Function()
    listener.listen(128)
    announce(control, listener.getsockname()[1])
    serve(listener, function)


def listen_host():
    return os.environ.get("SEBS_LISTEN_HOST", "127.0.0.1")


main()
