"""Lambda through boto3, whichever version the Python that runs this has. Prints one line for each thing that worked."""

import base64
import io
import json
import os
import sys
import zipfile

import boto3
import botocore.exceptions
from botocore.config import Config

# Debian's boto3 does not read AWS_ENDPOINT_URL yet.
client = boto3.client("lambda", endpoint_url=os.environ["ENDPOINT"], config=Config(retries={"total_max_attempts": 1}))
name = sys.argv[1]
ROLE = "arn:aws:iam::000000000000:role/any"
WAIT = {"Delay": 0.05, "MaxAttempts": 400}


def code(build):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as into:
        into.writestr("index.py", """
import json, os
def handler(event, context):
    if event.get("fails"):
        raise ValueError("asked to")
    print("marked", event.get("mark"))
    custom = getattr(context.client_context, "custom", None)
    return {"build": %d, "event": event, "version": context.function_version, "word": os.environ.get("WORD"), "custom": custom}
""" % build)
    return out.getvalue()


def fails(error, status, call, **arguments):
    try:
        call(**arguments)
    except error as caught:
        assert isinstance(caught, botocore.exceptions.ClientError)
        got = caught.response["ResponseMetadata"]["HTTPStatusCode"]
        assert got == status, got
        return caught.response["Error"]["Message"]
    raise AssertionError("%s did not fail" % call)


def done(what):
    print(what, flush=True)


made = client.create_function(
    FunctionName=name, Runtime="python3.11", Role=ROLE, Handler="index.handler", Code={"ZipFile": code(1)}, Timeout=10
)
assert made["ResponseMetadata"]["HTTPStatusCode"] == 201 and made["State"] == "Pending", made
client.get_waiter("function_active").wait(FunctionName=name, WaiterConfig=WAIT)
assert client.get_function_configuration(FunctionName=name)["State"] == "Active"
done("made and active")

context = base64.b64encode(json.dumps({"custom": {"who": "me"}}).encode()).decode()
answer = client.invoke(FunctionName=name, Payload=json.dumps({"mark": "ü"}), LogType="Tail", ClientContext=context)
payload = json.load(answer["Payload"])
assert payload == {"build": 1, "event": {"mark": "ü"}, "version": "$LATEST", "word": None, "custom": {"who": "me"}}, payload
assert "marked ü" in base64.b64decode(answer["LogResult"]).decode() and "FunctionError" not in answer
failed = client.invoke(FunctionName=name, Payload=b'{"fails": true}')
told = json.load(failed["Payload"])
assert failed["FunctionError"] == "Unhandled" and told["errorType"] == "ValueError" and told["errorMessage"] == "asked to", told
assert client.invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")["StatusCode"] == 202
assert client.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
done("called")

if hasattr(client, "invoke_with_response_stream"):
    stream = client.invoke_with_response_stream(FunctionName=name, Payload=b'{"mark": 1}')["EventStream"]
    events = list(stream)
    text = b"".join(event["PayloadChunk"]["Payload"] for event in events if "PayloadChunk" in event)
    assert json.loads(text)["build"] == 1 and "InvokeComplete" in events[-1], events
done("streamed")

client.update_function_configuration(FunctionName=name, Environment={"Variables": {"WORD": "egg"}}, MemorySize=256)
client.get_waiter("function_updated").wait(FunctionName=name, WaiterConfig=WAIT)
client.publish_version(FunctionName=name)
client.update_function_code(FunctionName=name, ZipFile=code(2))
client.get_waiter("function_updated").wait(FunctionName=name, WaiterConfig=WAIT)
assert client.publish_version(FunctionName=name, Description="the second")["Version"] == "2"
client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
assert json.load(client.invoke(FunctionName=name, Qualifier="live")["Payload"])["build"] == 1
client.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
answer = client.invoke(FunctionName=name + ":live")
assert json.load(answer["Payload"]) == {"build": 2, "event": {}, "version": "2", "word": "egg", "custom": None}
assert answer["ExecutedVersion"] == "2"
done("changed and published")

for number in range(5):
    client.create_function(
        FunctionName="%s-%d" % (name, number), Runtime="python3.11", Role=ROLE, Handler="index.handler", Code={"ZipFile": code(1)}
    )
pages = list(client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
names = [one["FunctionName"] for page in pages for one in page["Functions"]]
assert len(pages) >= 3 and sorted(one for one in names if one.startswith(name)) == [name] + ["%s-%d" % (name, n) for n in range(5)], names
versions = client.get_paginator("list_versions_by_function").paginate(FunctionName=name, PaginationConfig={"PageSize": 1})
assert [one["Version"] for page in versions for one in page["Versions"]] == ["$LATEST", "1", "2"]
aliases = client.get_paginator("list_aliases").paginate(FunctionName=name)
assert [one["Name"] for page in aliases for one in page["Aliases"]] == ["live"]
done("listed in pages")

message = fails(client.exceptions.ResourceNotFoundException, 404, client.get_function, FunctionName="none")
assert message == "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none", message
fails(client.exceptions.ResourceConflictException, 409, client.create_alias, FunctionName=name, Name="live", FunctionVersion="1")
fails(client.exceptions.InvalidParameterValueException, 400, client.update_function_code, FunctionName=name, ZipFile=b"no")
fails(client.exceptions.PreconditionFailedException, 412, client.publish_version, FunctionName=name, RevisionId="0")
fails(client.exceptions.InvalidRequestContentException, 400, client.invoke, FunctionName=name, Payload=b"{no")
client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
fails(client.exceptions.TooManyRequestsException, 429, client.invoke, FunctionName=name)
done("refused")

for one in [name] + ["%s-%d" % (name, number) for number in range(5)]:
    client.delete_function(FunctionName=one)
fails(client.exceptions.ResourceNotFoundException, 404, client.delete_function, FunctionName=name)
done("deleted")
