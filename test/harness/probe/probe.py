"""A function that does what its event says: it runs an attack's code where any handler's code runs."""

import ctypes
import errno
import http.client
import json
import os
import socket
import urllib.parse
from datetime import datetime, timezone
from hashlib import sha256
from hmac import new as hmac

libc = ctypes.CDLL(None, use_errno=True)
ENDPOINT = ("127.0.0.1", 4566)


def handler(event, context):
    if "requestContext" in event:
        event = json.loads(event["body"])
    told = {}
    names = {**globals(), "event": event, "context": context, "tell": lambda **facts: told.update(facts)}
    exec(compile(event["code"], "attack.py", "exec"), names)
    return names.get("answer", told)


def call(number, *arguments):
    """A system call by its number; `ok` or the error's name."""
    ctypes.set_errno(0)
    outcome = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return "ok" if outcome >= 0 else errno.errorcode[ctypes.get_errno()]


def tried(action):
    try:
        action()
        return "ok"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))


def connect(host, port):
    with socket.socket(socket.AF_INET) as attempt:
        attempt.settimeout(3)
        return tried(lambda: attempt.connect((host, port)))


def own_credentials():
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return dict(zip(("key", "secret", "token"), (os.environ[name] for name in names)))


def send(method, target, headers={}, body=b""):
    """One request to the platform's endpoint, as it is given: status, error code, body."""
    connection = http.client.HTTPConnection(*ENDPOINT, timeout=10)
    connection.request(method, target, body=body, headers=headers)
    response = connection.getresponse()
    text = response.read().decode("utf-8", "replace")
    connection.close()
    return {"status": response.status, "code": code_of(text), "text": text[:2000]}


def code_of(text):
    if "<Code>" in text:
        return text.split("<Code>")[1].split("</Code>")[0]
    try:
        body = json.loads(text)
        return body.get("__type", "").split("#")[-1] or body.get("error", {}).get("code")
    except (ValueError, AttributeError):
        return None


def signed(method, target, service="s3", credentials=None, headers={}, body=b""):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html"""
    credentials = credentials or own_credentials()
    time = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    path, _, query = target.partition("?")
    body = body.encode() if isinstance(body, str) else body
    sending = {"host": "%s:%d" % ENDPOINT, "x-amz-date": time, "x-amz-content-sha256": sha256(body).hexdigest(), **headers}
    if credentials.get("token"):
        sending["x-amz-security-token"] = credentials["token"]
    names = ";".join(sorted(sending))
    pairs = sorted((part.partition("=")[0], part.partition("=")[2]) for part in query.split("&") if part)
    canonical = "\n".join(
        [method, urllib.parse.quote(path, safe="/%-_.~"), "&".join("=".join(pair) for pair in pairs)]
        + ["%s:%s" % (name, sending[name]) for name in sorted(sending)]
        + ["", names, sending["x-amz-content-sha256"]]
    )
    scope = "%s/us-east-1/%s/aws4_request" % (time[:8], service)
    text = "\n".join(["AWS4-HMAC-SHA256", time, scope, sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + credentials["secret"]).encode()
    for part in scope.split("/"):
        key = hmac(key, part.encode(), sha256).digest()
    signature = hmac(key, text.encode(), sha256).hexdigest()
    form = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
    sending["authorization"] = form % (credentials["key"], scope, names, signature)
    return send(method, target, sending, body)
