"""Every operation of SQS through the genuine aws command, all in one process: starting it takes longer than what it does.

ENDPOINT is asked. Prints what each said, as JSON.
"""

import io
import json
import os
import sys
from contextlib import redirect_stdout

from awscli.clidriver import create_clidriver

driver = create_clidriver()


def aws(*words):
    printed = io.StringIO()
    with redirect_stdout(printed):
        status = driver.main(["--endpoint-url", os.environ["ENDPOINT"], "--output", "json", "sqs", *words])
    assert status == 0, (words, status)
    text = printed.getvalue()
    return json.loads(text) if text.strip() else {}


def attribute(url, name):
    return aws("get-queue-attributes", "--queue-url", url, "--attribute-names", name)["Attributes"][name]


dead = aws("create-queue", "--queue-name", "by-command-dead")["QueueUrl"]
deadArn = attribute(dead, "QueueArn")
redrive = json.dumps({"RedrivePolicy": json.dumps({"deadLetterTargetArn": deadArn, "maxReceiveCount": 1})})
url = aws("create-queue", "--queue-name", "by-command", "--attributes", redrive, "--tags", "a=b")["QueueUrl"]
assert aws("get-queue-url", "--queue-name", "by-command")["QueueUrl"] == url
assert url in aws("list-queues")["QueueUrls"]
aws("set-queue-attributes", "--queue-url", url, "--attributes", "VisibilityTimeout=0")
aws("tag-queue", "--queue-url", url, "--tags", "c=d")
aws("untag-queue", "--queue-url", url, "--tag-keys", "a")
assert aws("list-queue-tags", "--queue-url", url)["Tags"] == {"c": "d"}
aws("add-permission", "--queue-url", url, "--label", "l", "--aws-account-ids", "111111111111", "--actions", "SendMessage")
assert "SQS:SendMessage" in attribute(url, "Policy")
aws("remove-permission", "--queue-url", url, "--label", "l")
assert aws("list-dead-letter-source-queues", "--queue-url", dead)["queueUrls"] == [url]

aws("send-message", "--queue-url", url, "--message-body", "poison")
assert len(aws("receive-message", "--queue-url", url)["Messages"]) == 1
assert aws("receive-message", "--queue-url", url) == {}
aws("start-message-move-task", "--source-arn", deadArn)
while aws("list-message-move-tasks", "--source-arn", deadArn)["Results"][0]["Status"] == "RUNNING":
    pass
message = aws("receive-message", "--queue-url", url, "--visibility-timeout", "30")["Messages"][0]
handle = message["ReceiptHandle"]
assert message["Body"] == "poison"
aws("change-message-visibility", "--queue-url", url, "--receipt-handle", handle, "--visibility-timeout", "60")
aws("delete-message", "--queue-url", url, "--receipt-handle", handle)

aws("send-message-batch", "--queue-url", url, "--entries", "Id=a,MessageBody=1", "Id=b,MessageBody=2")
messages = aws("receive-message", "--queue-url", url, "--max-number-of-messages", "10", "--visibility-timeout", "30")["Messages"]
entries = [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in enumerate(messages)]
longer = [{**entry, "VisibilityTimeout": 60} for entry in entries]
assert len(aws("change-message-visibility-batch", "--queue-url", url, "--entries", json.dumps(longer))["Successful"]) == 2
assert len(aws("delete-message-batch", "--queue-url", url, "--entries", json.dumps(entries))["Successful"]) == 2

# A task at one message a second is still there to be cancelled.
aws("send-message-batch", "--queue-url", dead, "--entries", *[f"Id=m{n},MessageBody={n}" for n in range(10)])
task = aws("start-message-move-task", "--source-arn", deadArn, "--destination-arn", attribute(url, "QueueArn"), "--max-number-of-messages-per-second", "1")
assert aws("cancel-message-move-task", "--task-handle", task["TaskHandle"])["ApproximateNumberOfMessagesMoved"] < 10
aws("purge-queue", "--queue-url", url)
for each in [url, dead]:
    aws("delete-queue", "--queue-url", each)
print("ok")
