"""Mayfly's Python runtime: what runs inside the sandbox, before and around the function's code.

    boot (hand over the endpoint's listener) -> booted -> init (load the code) -> ready <-> invoke -> answer

A process that is initialised for a template waits after that, and its image is taken. Others then go on from there,
with `restore` instead of `init`: see mayfly_template.py.

Standard library only, for Python 3.8 and later. Whatever is not needed before the function's code runs is imported
while nothing is asked for, or when it is first used: imports are most of what a cold start costs. The channel (fd 3)
carries frames as src/sandbox/process/channel/frame.ts describes them.
"""

import builtins
import os
import sys
import time
from _thread import RLock
from time import monotonic_ns

CHANNEL = 3
HEADER_BYTES = 5
READ_BYTES = 64 * 1024
INIT, INVOKE, RECALL, RESTORE, PAUSE = 1, 2, 3, 5, 7
BOOTED, READY, INIT_ERROR, RESPONSE, ERROR, OUTPUT, GAVE_BACK, IMPORTED = 16, 17, 18, 19, 20, 22, 23, 28
# What BOOTED says: answers have the numbers of their events, the first event may come before the code is loaded, and an
# image may be taken before there is code.
NUMBERED, BEGINS, PAUSES = 1, 2, 4
RECORD, STDOUT, STDERR = 0, 1, 2

OUTPUT_BYTES_MAX = 256 * 1024
ERROR_BYTES_MAX = 256 * 1024
# Lambda's own figure.
RESPONSE_BYTES_MAX = 6 * 1024 * 1024 + 100
# An error's message and stack are shortened to these, so that both fit in one frame.
MESSAGE_LENGTH_MAX = 20_000
STACK_ENTRIES_MAX = 50
STACK_ENTRY_LENGTH_MAX = 800
LATE_IMPORTS_MAX = 250

RUNTIME_ROOT = "/var/runtime"

HOST = "127.0.0.1"
# The platform's endpoint, and the Runtime API's address, where the function's code finds the Extensions API.
PORTS = (("api", 4566), ("runtime-api", 9001))
BACKLOG = 511

# Most handlers import some of these; each is imported ahead while nothing is asked for.
PRELOADED = (
    *("json", "importlib", "_sitebuiltins", "logging", "traceback"),
    *("datetime", "uuid", "urllib.parse", "socket", "base64", "decimal"),
)
# Loaded, called and forgotten before there is a function.
REHEARSAL = ("/var/runtime", "rehearsal")

# Instead of a handler.
NOT_LOADED = object()

writing = RLock()
request_id = None
encoder = None
# Of every invocation's context: read once, for a look at an environment variable is dearer than all else in it.
constants = None
# Of the event that runs: its answer must have it.
number = b""
unread = b""


def main():
    record_fork_hooks()
    hand_over_endpoints()
    send(BOOTED, bytes((NUMBERED | BEGINS | PAUSES,)))
    preload()
    handler = NOT_LOADED
    while True:
        kind, payload = receive()
        if kind == INIT:
            handler = init(payload)
        elif kind == INVOKE and handler is not NOT_LOADED:
            invoke(handler, payload)
            if loaded is not None:
                tell_imported()
        elif kind == RESTORE:
            if not sys.modules["mayfly_template"].restore(payload):
                # The event that came with it is the platform's again, which has somebody else run it.
                handler = NOT_LOADED
        elif kind == RECALL:
            # By the time it is read, everything sent before it has been answered.
            send(GAVE_BACK, (0).to_bytes(4, "big"))
        elif kind == PAUSE:
            pause()


# The channel


def receive():
    """One frame. What is read beyond it (invocations that are handed over ahead) waits in `unread`."""
    global unread
    chunk, unread = unread, b""
    while len(chunk) < HEADER_BYTES:
        chunk += read_some()
    length = HEADER_BYTES + int.from_bytes(chunk[:4], "big")
    if len(chunk) > length:
        chunk, unread = chunk[:length], chunk[length:]
    elif len(chunk) < length:
        whole = bytearray(length)
        view = memoryview(whole)
        filled = len(chunk)
        whole[:filled] = chunk
        while filled < length:
            read = os.readv(CHANNEL, [view[filled:]])
            if read == 0:
                os._exit(0)
            filled += read
        chunk = whole
    return chunk[4], chunk[HEADER_BYTES:]


def read_some():
    chunk = os.read(CHANNEL, READ_BYTES)
    if not chunk:
        os._exit(0)
    return chunk


def send(kind, *parts):
    length = sum(map(len, parts))
    frame = b"".join((length.to_bytes(4, "big"), bytes((kind,)), *parts))
    with writing:
        try:
            sent = os.write(CHANNEL, frame)
            while sent < len(frame):
                sent += os.write(CHANNEL, memoryview(frame)[sent:])
        except BrokenPipeError:
            os._exit(0)


def send_output(kind, data):
    for at in range(0, len(data), OUTPUT_BYTES_MAX):
        send(OUTPUT, bytes((kind,)), data[at : at + OUTPUT_BYTES_MAX])


def send_record(text):
    send_output(RECORD, text.encode("utf-8", "backslashreplace"))


def send_error(kind, error):
    from json import dumps

    data = dumps(error).encode()
    if len(data) > ERROR_BYTES_MAX:
        data = dumps({**error, "errorMessage": error["errorMessage"][:1000], "stackTrace": []}).encode()
    send(kind, *((number,) if kind == ERROR else ()), data)


# JSON: what `json` itself is made of, where nobody has imported that yet. It needs `re`, and both take eight milliseconds, longer
# than all else between an interpreter that is up and the answer of a small handler. Whatever is not usual is left to it.

# What importing it imports.
OF_JSON = frozenset("json re enum types operator keyword reprlib collections functools copyreg codecs".split())


def loads(data):
    if "json" not in sys.modules:
        try:
            from _json import make_scanner

            text = data.decode().strip(" \t\n\r") if isinstance(data, bytes) else data
            value, end = make_scanner(Scanned)(text, 0)
            if end == len(text):
                return value
        except Exception:
            pass
    from json import loads

    if isinstance(data, bytes):
        try:
            # Text is read at once, where bytes would have their encoding guessed.
            return loads(data.decode())
        except ValueError:
            pass
    return loads(data)


class Scanned:
    """How `json.loads` reads by default."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = {"-Infinity": float("-inf"), "Infinity": float("inf"), "NaN": float("nan")}.__getitem__


def dumps(value):
    """As `json.dumps` with `ensure_ascii=False`, and with `plain` for what it does not know."""
    if "json" not in sys.modules:
        try:
            from _json import encode_basestring, make_encoder

            encode = make_encoder({}, plain, encode_basestring, None, ": ", ", ", False, False, True)
            return "".join(encode(value, 0))
        except Exception:
            pass
    global encoder
    if encoder is None:
        from json import JSONEncoder

        # As `json.dumps` makes one each time.
        encoder = JSONEncoder(ensure_ascii=False, default=plain)
    return encoder.encode(value)


# Boot


def hand_over_endpoints():
    """Opens the listeners in our own network and gives them to the platform; nothing leads back but the channel."""
    import _socket

    platform = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, fileno=int(os.environ["NODE_CHANNEL_FD"]))
    platform.setblocking(True)
    for name, port in PORTS:
        listener = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        listener.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
        rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, listener.fileno().to_bytes(4, sys.byteorder))
        message = '{"cmd":"NODE_HANDLE","type":"net.Native","msg":{"listen":"%s"}}\n' % name
        platform.sendmsg([message.encode()], [rights])
        while b"\n" not in (platform.recv(READ_BYTES) or b"\n"):
            pass
        listener.close()
    platform.close()


def preload():
    """Imports ahead until something is asked for. The path is still the standard library alone."""
    import select

    for name in PRELOADED:
        if select.select([CHANNEL], [], [], 0)[0]:
            return
        __import__(name)
    rehearse()
    prepare()


def pause():
    """Waits for an image of it, booted in full, from which others go on instead of booting."""
    for name in PRELOADED:
        __import__(name)
    rehearse()
    prepare()
    load_template().pause()


def rehearse():
    """Loads a module and answers an event, as for a function: the first time of both takes twice as long as the second."""
    from importlib import import_module

    folder, name = REHEARSAL
    sys.path.insert(0, folder)
    try:
        handler = import_module(name).handler
        head = {"requestId": "", "arn": "", "clientContext": None, "deadlineMs": 0}
        marshal(handler({}, LambdaContext(head)))
    except Exception:
        # It will fail, or not, when it counts.
        pass
    sys.path.remove(folder)
    sys.path_importer_cache.pop(folder, None)
    sys.modules.pop(name, None)


installed = None
"""Where packages of the machine are."""


def prepare():
    """What init needs and no function says."""
    global installed
    version = "python%d.%d" % sys.version_info[:2]
    folders = [
        "/usr/local/lib/%s/dist-packages" % version,
        "/usr/lib/python3/dist-packages",
        "%s/lib/%s/site-packages" % (sys.prefix, version),
        "/usr/local/lib/%s/site-packages" % version,
    ]
    installed = [folder for folder in folders if os.path.isdir(folder)]
    add_site_builtins()
    open_streams()
    if "logging" in sys.modules:
        add_root_handler(sys.modules["logging"])


# Init


class Fault(Exception):
    """An error that has a name of Lambda's own (`Runtime.…`)."""

    def __init__(self, name, message, trace=()):
        super().__init__(message)
        self.name = "Runtime." + name
        self.trace = list(trace)


def init(payload):
    global constants, loaded
    # Those of what was rehearsed.
    constants = None
    spec = loads(bytes(payload))
    template = load_template() if spec.get("template", False) else None
    if template is not None:
        template.change_process_id()
    set_variables(spec["variables"])
    if installed is None:
        prepare()
    root = os.environ["LAMBDA_TASK_ROOT"]
    os.chdir(root)
    set_path(root)
    tasks = {"logging": configure_logging, "botocore.session": give_endpoint}
    hook_imports(tasks if template is None else {**tasks, "botocore.credentials": template.note_credentials})
    try:
        handler = load(spec["handler"])
        if template is not None:
            template.import_ahead(spec["imports"])
            template.prepare(spec["variables"])
    except Exception:
        fail(INIT_ERROR)
        return NOT_LOADED
    flush()
    if template is None:
        loaded = set(sys.modules)
    send(READY)
    if template is not None:
        template.wait_to_be_taken()
    return handler


def set_variables(variables):
    """These and no others. Only what differs is touched, and not one by one: `os.environ` takes twice as long for that."""
    environ = os.environ
    zone = environ.get("TZ")
    known = getattr(environ, "_data", None)
    if known is None:
        environ.clear()
        environ.update(variables)
    else:
        encode = environ.encodekey
        wanted = {encode(name): encode(value) for name, value in variables.items()}
        for name in known:
            if name not in wanted:
                os.unsetenv(name)
        for name, value in wanted.items():
            if known.get(name) != value:
                os.putenv(name, value)
        known.clear()
        known.update(wanted)
    if environ.get("TZ") != zone:
        time.tzset()


def set_path(root):
    """The bundle, what it carries in `python/`, its layers, what is installed. Does what `site` does, without its cost."""
    version = "python%d.%d" % sys.version_info[:2]
    layers = ["/opt/python/lib/%s/site-packages" % version, "/opt/python"]
    ahead = [root, root + "/python", *os.environ.get("PYTHONPATH", "").split(":"), *layers]
    ahead = [folder for folder in ahead if os.path.isdir(folder)]
    if any(not OF_JSON.isdisjoint(name.partition(".")[0] for name in os.listdir(folder)) for folder in ahead):
        # Python's own, as where it was imported ahead: a bundle with `enum.py` (a backport) breaks others' imports.
        import json  # noqa: F401
    # Last: the module of SnapStart's hooks, unless the function brings one.
    sys.path[:] = dict.fromkeys([*ahead, *sys.path, *installed, RUNTIME_ROOT])


def add_site_builtins():
    import _sitebuiltins

    for name in ("quit", "exit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)"))
    builtins.help = _sitebuiltins._Helper()


def load(name):
    """https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html, with the messages of Lambda's own runtime."""
    from importlib import import_module

    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault("MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name)
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name)
    try:
        module = import_unwritten(import_module, module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))


def import_unwritten(import_module, name):
    """Where code comes from is read-only: what was compiled of each file would be put together, and then could not be kept."""
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return import_module(name)
    finally:
        sys.dont_write_bytecode = writes_none


# Templates (the rest is in mayfly_template.py, which is there only where one is made, and in what goes on from it)


fork_hooks = []
"""What was to be done when this process forks: `before`, and `after_in_child`."""
loaded = None
"""Names of the modules that there were when the code was loaded, until the first invocation is over."""


def record_fork_hooks():
    """Going on from an image is to the function's libraries what being a fork is; they say by these what they need."""
    register = os.register_at_fork

    def register_at_fork(**hooks):
        register(**hooks)
        fork_hooks.append((hooks.get("before"), hooks.get("after_in_child")))

    os.register_at_fork = register_at_fork


def load_template():
    """Not by the path of the function's own modules."""
    sys.path.append(RUNTIME_ROOT)
    try:
        import mayfly_template
    finally:
        sys.path.remove(RUNTIME_ROOT)
    return mayfly_template


def tell_imported():
    """After the first invocation: what it has imported, so that a template can have it imported before."""
    global loaded
    names = [name for name in list(sys.modules) if name not in loaded and len(name) <= 100]
    loaded = None
    send(IMPORTED, dumps(names[:LATE_IMPORTS_MAX]).encode())


# Output


def open_streams():
    from io import BufferedWriter, RawIOBase, TextIOWrapper

    class Stream(RawIOBase):
        """A standard stream whose bytes go through the channel, in order with the answer."""

        mode = "wb"

        def __init__(self, name, kind, number):
            self.name, self.kind, self.number = name, kind, number

        def writable(self):
            return True

        def fileno(self):
            return self.number

        def write(self, data):
            send_output(self.kind, bytes(data))
            return len(data)

    for name, kind, number in (("stdout", STDOUT, 1), ("stderr", STDERR, 2)):
        raw = Stream("<%s>" % name, kind, number)
        stream = TextIOWrapper(BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)
        setattr(sys, name, stream)
        setattr(sys, "__%s__" % name, stream)


def flush():
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except ValueError:
            # The function has closed it.
            pass


class ImportHook:
    """Runs each task on its module, just after the module has been imported; does nothing to any other."""

    def __init__(self, tasks):
        self.tasks = tasks

    def find_spec(self, name, path=None, target=None):
        task = self.tasks.pop(name, None)
        if task is None:
            return None
        if not self.tasks:
            sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                run_after(spec.loader, task)
                return spec
        return None


def hook_imports(tasks):
    for name in [name for name in tasks if name in sys.modules]:
        tasks.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, ImportHook(tasks))


def run_after(loader, task):
    execute = loader.exec_module

    def exec_module(module):
        del loader.exec_module
        execute(module)
        task(module)

    loader.exec_module = exec_module


root_handler = None
"""Of the root logger, once there is one."""


def configure_logging(logging):
    """The root logger as Lambda sets it up. https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html"""
    if root_handler is None:
        add_root_handler(logging)
    if logs_json():
        root_handler.setFormatter(json_formatter(logging))
        # Python's names for two of Lambda's levels.
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        logging.getLogger().setLevel({"TRACE": logging.DEBUG, "FATAL": logging.CRITICAL}.get(level, level))


def add_root_handler(logging):
    """As it is where the function's settings do not ask for JSON."""
    global root_handler

    class ChannelHandler(logging.Handler):
        def emit(self, record):
            try:
                record.aws_request_id = request_id or ""
                send_record(self.format(record))
            except Exception:
                self.handleError(record)

    root_handler = ChannelHandler()
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    root_handler.setFormatter(logging.Formatter(form, "%Y-%m-%dT%H:%M:%S"))
    logging.Formatter.converter = time.gmtime
    logging.getLogger().addHandler(root_handler)


def logs_json():
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


def json_formatter(logging):
    from json import dumps

    # What every record has; anything else was given as `extra`.
    usual = {*logging.makeLogRecord({}).__dict__, "message", "asctime", "aws_request_id"}

    class JsonFormatter(logging.Formatter):
        def format(self, record):
            line = {
                "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
                "level": record.levelname,
                "message": record.getMessage(),
                "logger": record.name,
            }
            if record.exc_info and record.exc_info[0] is not None:
                import traceback

                error_class, error, trace = record.exc_info
                line["stackTrace"] = traceback.format_tb(trace)
                line["errorType"] = error_class.__name__
                line["errorMessage"] = str(error)
                line["location"] = "%s:%s:%d" % (record.pathname, record.funcName, record.lineno)
            if record.aws_request_id:
                line["requestId"] = record.aws_request_id
            line.update((name, value) for name, value in record.__dict__.items() if name not in usual and name not in line)
            return dumps(line, ensure_ascii=False, default=str)

    return JsonFormatter()


def give_endpoint(session):
    """boto3 before 1.28 does not know AWS_ENDPOINT_URL: here it does."""
    from botocore import configprovider

    if "ignore_configured_endpoint_urls" in getattr(configprovider, "BOTOCORE_DEFAUT_SESSION_VARIABLES", {}):
        return
    from functools import wraps

    create_client = session.Session.create_client

    @wraps(create_client)
    def create_client_with_endpoint(self, service_name, *args, **kwargs):
        # endpoint_url is the fifth positional argument after the service's name.
        if kwargs.get("endpoint_url") is None and (len(args) < 5 or args[4] is None):
            url = endpoint_of(self, service_name)
            if url is not None and len(args) < 5:
                kwargs["endpoint_url"] = url
            elif url is not None:
                args = (*args[:4], url, *args[5:])
        return create_client(self, service_name, *args, **kwargs)

    session.Session.create_client = create_client_with_endpoint


def endpoint_of(session, service_name):
    """https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    if any(name.startswith("AWS_ENDPOINT_URL_") for name in os.environ):
        service_id = session.get_service_model(service_name).service_id
        own = os.environ.get("AWS_ENDPOINT_URL_" + service_id.upper().replace(" ", "_").replace("-", "_"))
        if own is not None:
            return own
    return os.environ.get("AWS_ENDPOINT_URL")


# Invoke


class Fields:
    """An object whose attributes are `names`, taken from a dictionary."""

    def __init__(self, names, values):
        for name in names:
            setattr(self, name, values.get(name))

    def __repr__(self):
        return "%s(%r)" % (type(self).__name__, vars(self))


CONTEXT_VARIABLES = (
    ("function_name", "AWS_LAMBDA_FUNCTION_NAME"),
    ("function_version", "AWS_LAMBDA_FUNCTION_VERSION"),
    ("memory_limit_in_mb", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    ("log_group_name", "AWS_LAMBDA_LOG_GROUP_NAME"),
    ("log_stream_name", "AWS_LAMBDA_LOG_STREAM_NAME"),
)


class LambdaContext:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, head):
        global constants
        if constants is None:
            constants = {name: os.environ.get(variable) for name, variable in CONTEXT_VARIABLES}
        self.aws_request_id = head["requestId"]
        self.invoked_function_arn = head["arn"]
        self.__dict__.update(constants)
        self.identity = Fields(("cognito_identity_id", "cognito_identity_pool_id"), {})
        self.client_context = client_context(head["clientContext"])
        self._deadline_ms = head["deadlineMs"]

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline_ms - time.time() * 1000))

    def log(self, message):
        send_record(str(message))

    def __repr__(self):
        return "LambdaContext(%r)" % (vars(self),)


def client_context(text):
    if text is None:
        return None
    values = loads(text)
    context = Fields(("custom", "env", "client"), values)
    if context.client is not None:
        names = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
        context.client = Fields(names, context.client)
    return context


def invoke(handler, payload):
    global request_id, number
    number = payload[:4]
    head_end = 8 + int.from_bytes(payload[4:8], "big")
    head = loads(bytes(payload[8:head_end]))
    if head["timeoutMs"] is not None:
        head["deadlineMs"] = time.time() * 1000 + head["timeoutMs"]
    since = monotonic_ns()
    request_id = head["requestId"]
    os.environ["_X_AMZN_TRACE_ID"] = head["traceId"]
    process = os.getpid()
    try:
        try:
            event = loads(bytes(payload[head_end:]))
        except ValueError as error:
            raise Fault("UnmarshalError", "Unable to unmarshal input: %s" % error)
        answer = marshal(handler(event, LambdaContext(head)))
    except Exception:
        leave_if_forked(process)
        fail(ERROR)
        return
    leave_if_forked(process)
    flush()
    took_us = min((monotonic_ns() - since) // 1000, 0xFFFFFFFF)
    send(RESPONSE, number, took_us.to_bytes(4, "big"), answer)


def leave_if_forked(process):
    """A copy of this process that the handler made and that came back as well: only the original answers."""
    if os.getpid() != process:
        os._exit(0)


def marshal(value):
    if isinstance(value, bytes):
        data = value
    else:
        try:
            # As Lambda's runtimes since 3.12; older ones escape, which makes other scripts' text up to three times as long.
            text = dumps(value)
            try:
                data = text.encode()
            except UnicodeEncodeError:
                from json import dumps as dumps_escaped

                data = dumps_escaped(value, default=plain).encode()
        except Exception as error:
            raise Fault("MarshalError", "Unable to marshal response: %s" % error)
    if len(data) > RESPONSE_BYTES_MAX:
        fault = Fault(
            "",
            "Response payload size exceeded maximum allowed payload size (%d bytes)." % RESPONSE_BYTES_MAX,
        )
        fault.name = "Function.ResponseSizeTooLarge"
        raise fault
    return data


def plain(value):
    """Numbers of `decimal`, which DynamoDB's clients give, as JSON's."""
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def fail(kind):
    """Reports the exception that is being handled, to the log and to the platform."""
    error_class, error, trace = sys.exc_info()
    if isinstance(error, Fault):
        name, stack = error.name, error.trace
    else:
        import traceback

        frames = traceback.extract_tb(trace)
        while frames and frames[0].filename == main.__code__.co_filename:
            del frames[0]
        if kind == INIT_ERROR:
            frames = [frame for frame in frames if "importlib" not in frame.filename]
        name, stack = error_class.__name__, traceback.format_list(frames)
    stack = [entry[:STACK_ENTRY_LENGTH_MAX] for entry in stack[-STACK_ENTRIES_MAX:]]
    message = str(error)[:MESSAGE_LENGTH_MAX]
    flush()
    described = {"errorMessage": message, "errorType": name, "requestId": request_id or "", "stackTrace": stack}
    if logs_json():
        from json import dumps

        timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        send_record(dumps({"timestamp": timestamp, "log_level": "ERROR", **described}, ensure_ascii=False))
    else:
        lines = ["[ERROR] %s: %s" % (name, message)]
        if stack:
            lines += ["Traceback (most recent call last):", *(line for entry in stack for line in entry.splitlines())]
        send_record("\n".join(lines))
    send_error(kind, described)


if __name__ == "__main__":
    main()
