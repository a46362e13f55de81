"""Templates: a process that is initialised, or only booted, for others to go on from, and what is renewed in those.

Imported by bootstrap.py in a process that is to become a template, before any function's code; so it is there, as all
other memory, in the processes that go on from its image.
"""

import gc
import os
import select
import sys
import time
from importlib import import_module
from json import loads

import __main__ as runtime

given = None
"""What a template remembers for those that go on from it: its access key, folder and file mode mask."""
credentials_made = []


def change_process_id():
    """Libraries that keep random state (OpenSSL) renew it when they find themselves in a process with another id."""
    child = os.fork()
    if child == 0:
        return
    os.close(runtime.CHANNEL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF if hasattr(os, "waitstatus_to_exitcode") else status >> 8)


def import_ahead(names):
    """What another process has imported in its first invocation: not needed to be ready, so no reason to fail."""
    for name in names:
        try:
            import_module(name)
        except Exception:
            pass


def prepare(variables):
    global given
    run_snapshot_hooks("get_before_snapshot", reverse=True)
    for before, _ in reversed(runtime.fork_hooks):
        if before is not None:
            before()
    mask = os.umask(0o022)
    given = (variables.get("AWS_ACCESS_KEY_ID"), os.getcwd(), mask)
    keep_shared()


def keep_shared():
    """The collector would write to objects that all share, and so give each environment its own copy of them."""
    gc.collect()
    gc.freeze()


def pause():
    """Before there is code. Nothing random has been drawn by then, and nothing has been read that differs elsewhere."""
    change_process_id()
    keep_shared()
    runtime.send(runtime.READY)
    wait_to_be_taken()
    renew_thread_id(sys.modules)


def wait_to_be_taken():
    """Whoever goes on from here finds itself in this call, which then answers that nothing was to be read."""
    select.select([runtime.CHANNEL], [], [])


def restore(payload):
    """Goes on in another process, and another environment, than the one that was initialised. False: it could not."""
    try:
        spec = loads(bytes(payload))
        key, folder, mask = given
        reopen(spec["descriptors"])
        os.umask(mask)
        os.chdir(folder)
        for name in spec["unset"]:
            os.environ.pop(name, None)
        changed = spec["set"]
        for name, value in changed.items():
            os.environ[name] = value
        if "TZ" in changed:
            time.tzset()
        for _, after_in_child in runtime.fork_hooks:
            if after_in_child is not None:
                after_in_child()
        renew_randomness(sys.modules)
        renew_credentials(key)
        run_snapshot_hooks("get_after_restore")
    except Exception:
        runtime.fail(runtime.INIT_ERROR)
        return False
    runtime.flush()
    runtime.send(runtime.READY)
    return True


def run_snapshot_hooks(registry, reverse=False):
    """https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html"""
    module = sys.modules.get("snapshot_restore_py")
    hooks = [] if module is None else list(getattr(module, registry)())
    for function, arguments, named in reversed(hooks) if reverse else hooks:
        function(*arguments, **named)


def reopen(descriptors):
    """Files that were open are opened again; connections are found closed by the other side, and made anew."""
    import _socket

    for one in descriptors:
        if one["kind"] == "file":
            fd = os.open(one["path"], os.O_RDONLY)
            if one["path"].startswith("/dev/"):
                offset = 0
            else:
                offset = one["offset"]
                os.lseek(fd, offset, os.SEEK_SET)
        else:
            ours, other = _socket.socketpair()
            other.close()
            fd = ours.detach()
        if fd != one["fd"]:
            os.dup2(fd, one["fd"], inheritable=False)
            os.close(fd)


def renew_randomness(modules):
    """`random` has its own hook, and so has what notices the new process id."""
    if "_ssl" in modules:
        modules["_ssl"].RAND_add(os.urandom(64), 64.0)
    if "tempfile" in modules:
        modules["tempfile"]._name_sequence = None
    if "uuid" in modules:
        uuid = modules["uuid"]
        # The C library's clock sequence and node would be the same everywhere; with this they are drawn in Python.
        uuid._generate_time_safe = uuid._UuidCreate = uuid._last_timestamp = None
        uuid._node = int.from_bytes(os.urandom(6), "big") | (1 << 40)
    if "numpy.random" in modules:
        modules["numpy.random"].seed()
    renew_thread_id(modules)


def renew_thread_id(modules):
    if "threading" in modules:
        main_thread = modules["threading"].main_thread()
        if hasattr(main_thread, "_set_native_id"):
            main_thread._set_native_id()


def note_credentials(module):
    """Remembers credentials that were made from the variables: they hold for the template's environment alone."""
    from weakref import ref

    initialise = module.Credentials.__init__

    def __init__(self, *args, **kwargs):
        initialise(self, *args, **kwargs)
        credentials_made.append(ref(self))

    module.Credentials.__init__ = __init__


def renew_credentials(key):
    for made in credentials_made:
        credentials = made()
        if credentials is not None and credentials.access_key == key:
            credentials.access_key = os.environ.get("AWS_ACCESS_KEY_ID")
            credentials.secret_key = os.environ.get("AWS_SECRET_ACCESS_KEY")
            credentials.token = os.environ.get("AWS_SESSION_TOKEN")
    credentials_made.clear()
