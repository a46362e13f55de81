"""Calls of AWS services through boto3 or the genuine aws command, whichever the first argument says.

Each line that comes in is a call: {"service": "events", "operation": "PutRule", "input": {…}}; each line that goes out is
what came of it: {"answer": {…}} or {"code": "ValidationException", "message": "…"}. ENDPOINT is asked. The command runs in
this process, since starting it takes longer than what it does. What is wrong is for the service to say: nothing is checked
before it is sent.
"""

import io
import json
import os
import re
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout

import boto3
from awscli.clidriver import create_clidriver
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

endpoint = os.environ["ENDPOINT"]
clients = {}
drivers = []


def by_boto3(service, operation, given):
    if service not in clients:
        config = Config(parameter_validation=False, retries={"max_attempts": 0}, inject_host_prefix=False)
        clients[service] = boto3.client(service, endpoint_url=endpoint, config=config)
    try:
        answer = getattr(clients[service], xform_name(operation))(**given)
    except ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": error.response["Error"].get("Message", "")}
    except ResponseParserError as error:
        return {"code": "not of this protocol", "message": str(error)}
    answer.pop("ResponseMetadata", None)
    return {"answer": answer}


def by_command(service, operation, given):
    printed, complained = io.StringIO(), io.StringIO()
    words = ["--endpoint-url", endpoint, "--output", "json", "--no-paginate", "s3api" if service == "s3" else service, xform_name(operation, "-")]
    if not drivers:
        drivers.append(create_clidriver())
    with redirect_stdout(printed), redirect_stderr(complained):
        try:
            status = drivers[0].main([*words, "--cli-input-json", json.dumps(given)])
        except SystemExit as end:
            status = end.code
    if status == 0:
        text = printed.getvalue()
        return {"answer": json.loads(text) if text.strip() else {}}
    if "argument operation: " in complained.getvalue():
        return {"code": "no such command", "message": ""}
    found = re.search(r"An error occurred \((.*?)\) when calling the \w+ operation(?: \(.*?\))?: ?(.*)", complained.getvalue(), re.S)
    if found is None:
        raise Exception(complained.getvalue())
    return {"code": found[1], "message": found[2].strip()}


def plain(value):
    return value.decode() if isinstance(value, bytes) else value.isoformat()


with tempfile.NamedTemporaryFile("w", suffix=".ini") as settings:
    settings.write("[default]\nparameter_validation = false\ncli_timestamp_format = iso8601\nretry_mode = standard\nmax_attempts = 1\n")
    settings.flush()
    os.environ["AWS_CONFIG_FILE"] = settings.name
    call = by_command if sys.argv[1] == "aws" else by_boto3
    for line in sys.stdin:
        asked = json.loads(line)
        outcome = call(asked["service"], asked["operation"], asked["input"])
        print(json.dumps(outcome, default=plain), flush=True)
