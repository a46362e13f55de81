"""Does what the event says: the same in every runtime's program."""

import os
import subprocess
import sys
import urllib.request

print("loading")


def handler(event, context):
    return globals()["do_" + event["do"]](event, context)


def do_echo(event, context):
    return event


def do_fail(event, context):
    raise OverflowError("this went wrong")


def do_loop(event, context):
    print("about to loop")
    while True:
        pass


def do_exit(event, context):
    print("about to exit")
    sys.exit(3)


def do_remember(event, context):
    kept = []
    while True:
        kept.append(bytearray(b"1" * 10_000_000))


def do_print(event, context):
    print("one")
    subprocess.run(["echo", "two"], check=True)
    print("three", end="")


def do_bad(event, context):
    return object()


def do_enlarge(event, context):
    return "x" * event["bytes"]


def do_context(event, context):
    return {
        "requestId": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "logGroup": context.log_group_name,
        "logStream": context.log_stream_name,
        "remains": context.get_remaining_time_in_millis(),
        "traceId": os.environ["_X_AMZN_TRACE_ID"],
        "clientContext": context.client_context and context.client_context.custom,
        "folder": os.getcwd(),
        "variables": list(os.environ),
        "greeting": os.environ["GREETING"],
    }


def do_connect(event, context):
    with urllib.request.urlopen("http://127.0.0.1:4566/hello") as response:
        return response.read().decode()
