"""SQS through boto3: every operation, and what came of it, in words that do not depend on who answered.

ENDPOINT is asked.
"""

import json
import os
import re
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

sqs = boto3.client(
    "sqs",
    endpoint_url=os.environ["ENDPOINT"],
    region_name="us-east-1",
    aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "test"),
    aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
    config=Config(retries={"max_attempts": 0}),
)
hasMoves = hasattr(sqs, "start_message_move_task")


def plain(value):
    text = json.dumps(value, sort_keys=True, default=str)
    text = re.sub(r"http://[0-9a-z.:]+/\d{12}/", "URL/", text)
    text = re.sub(r"\b\d{12}\b", "ACCOUNT", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)


def step(name, call, pick=lambda answer: None):
    try:
        answer = call()
        answer.pop("ResponseMetadata", None)
        outcome = "ok " + plain(pick(answer))
        result = answer
    except ClientError as error:
        outcome = "refused " + error.response["Error"]["Code"]
        result = {}
    print(json.dumps([name, outcome]), flush=True)
    return result


def everything(answer):
    return answer


def first(answer):
    return (answer.get("Messages") or [{"ReceiptHandle": "none"}])[0]


def bodies(answer):
    return [one["Body"] for one in answer.get("Messages", [])]


def failures(answer):
    return [
        [one["Id"] for one in answer.get("Successful", [])],
        [[one["Id"], one["Code"], one["SenderFault"]] for one in answer.get("Failed", [])],
    ]


def attributes(url, *names):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]


def receive(url, **more):
    return sqs.receive_message(QueueUrl=url, **{"MaxNumberOfMessages": 10, **more})


# Queues
jobs = step("create", lambda: sqs.create_queue(QueueName="jobs"), everything)["QueueUrl"]
step("create again", lambda: sqs.create_queue(QueueName="jobs"), everything)
step("create again, differently", lambda: sqs.create_queue(QueueName="jobs", Attributes={"DelaySeconds": "5"}))
step("create, a name that is none", lambda: sqs.create_queue(QueueName="no spaces"))
step("create, FIFO without its name", lambda: sqs.create_queue(QueueName="ordered", Attributes={"FifoQueue": "true"}))
step("create, FIFO by name alone", lambda: sqs.create_queue(QueueName="named.fifo"))
step("create, an attribute that is none", lambda: sqs.create_queue(QueueName="x", Attributes={"Colour": "red"}))
step("url", lambda: sqs.get_queue_url(QueueName="jobs"), everything)
step("url of none", lambda: sqs.get_queue_url(QueueName="nowhere"))
for each in ["page-a", "page-b", "page-c"]:
    sqs.create_queue(QueueName=each)
# For what is refused, and would be in the way where it is not.
wrong = sqs.create_queue(QueueName="wrong")["QueueUrl"]
step("list", lambda: sqs.list_queues(QueueNamePrefix="page-"), everything)
step("list none", lambda: sqs.list_queues(QueueNamePrefix="nothing"), everything)
page = step("list a page", lambda: sqs.list_queues(QueueNamePrefix="page-", MaxResults=2), lambda a: a["QueueUrls"])
step(
    "list the next page",
    lambda: sqs.list_queues(QueueNamePrefix="page-", MaxResults=2, NextToken=page.get("NextToken", "none")),
    everything,
)
step(
    "attributes",
    lambda: sqs.get_queue_attributes(QueueUrl=jobs, AttributeNames=["All"]),
    lambda a: {k: v for k, v in a["Attributes"].items() if not k.endswith("Timestamp")},
)
step("set attributes", lambda: sqs.set_queue_attributes(QueueUrl=jobs, Attributes={"VisibilityTimeout": "20"}))
step("set too much", lambda: sqs.set_queue_attributes(QueueUrl=wrong, Attributes={"VisibilityTimeout": "43201"}))
step("set none", lambda: sqs.set_queue_attributes(QueueUrl=jobs, Attributes={"Colour": "red"}))
step("attributes changed", lambda: attributes(jobs, "VisibilityTimeout"), everything)
step("attribute that is none", lambda: attributes(jobs, "Colour"))
step("attributes of no queue", lambda: attributes(jobs + "x", "All"))

# Tags
step("tag", lambda: sqs.tag_queue(QueueUrl=jobs, Tags={"team": "blue", "cost": "7"}))
step("untag", lambda: sqs.untag_queue(QueueUrl=jobs, TagKeys=["cost"]))
step("tags", lambda: sqs.list_queue_tags(QueueUrl=jobs), everything)
step("no tags", lambda: sqs.list_queue_tags(QueueUrl=jobs.replace("jobs", "page-a")), everything)
step("too many tags", lambda: sqs.tag_queue(QueueUrl=jobs, Tags={f"t{n}": "x" for n in range(51)}))

# Permissions
step("let", lambda: sqs.add_permission(QueueUrl=jobs, Label="l", AWSAccountIds=["111111111111"], Actions=["SendMessage"]))
step(
    "policy",
    lambda: json.loads(attributes(jobs, "Policy")["Policy"]),
    lambda p: [{k: s[k] for k in ("Sid", "Effect", "Principal", "Action", "Resource")} for s in p["Statement"]],
)
step("let again", lambda: sqs.add_permission(QueueUrl=jobs, Label="l", AWSAccountIds=["111111111111"], Actions=["SendMessage"]))
step("let do what nobody may", lambda: sqs.add_permission(QueueUrl=jobs, Label="m", AWSAccountIds=["111111111111"], Actions=["DeleteQueue"]))
step("let do too much", lambda: sqs.add_permission(QueueUrl=jobs, Label="m", AWSAccountIds=["111111111111"], Actions=["SendMessage"] * 8))
step("let no more", lambda: sqs.remove_permission(QueueUrl=jobs, Label="l"))
step("let no more again", lambda: sqs.remove_permission(QueueUrl=jobs, Label="l"))

# Messages
step(
    "send",
    lambda: sqs.send_message(
        QueueUrl=jobs,
        MessageBody="Grüezi <&> 👋",
        MessageAttributes={
            "colour": {"DataType": "String", "StringValue": "grün"},
            "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
            "count": {"DataType": "Number.int", "StringValue": "7"},
        },
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}},
    ),
    lambda a: {k: v for k, v in a.items() if k.startswith("MD5")},
)
got = step(
    "receive",
    lambda: receive(jobs, AttributeNames=["All"], MessageAttributeNames=["All"]),
    lambda a: [
        [
            one["Body"],
            one["MD5OfBody"],
            one["MD5OfMessageAttributes"],
            sorted(one["MessageAttributes"]),
            sorted(one["Attributes"]),
            one["Attributes"]["ApproximateReceiveCount"],
        ]
        for one in a["Messages"]
    ],
)
got = first(got)
step("receive nothing", lambda: receive(jobs), everything)
counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
step("counts", lambda: attributes(jobs, *counts), everything)
handle = got["ReceiptHandle"]
step("give back", lambda: sqs.change_message_visibility(QueueUrl=jobs, ReceiptHandle=handle, VisibilityTimeout=0))
step("extend what was given back", lambda: sqs.change_message_visibility(QueueUrl=jobs, ReceiptHandle=handle, VisibilityTimeout=0))
again = first(step("receive again", lambda: receive(jobs, MessageAttributeNames=["c.*"]), bodies))
step("extend beyond twelve hours", lambda: sqs.change_message_visibility(QueueUrl=jobs, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=43201))
step("extend", lambda: sqs.change_message_visibility(QueueUrl=jobs, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=60))
step("delete", lambda: sqs.delete_message(QueueUrl=jobs, ReceiptHandle=again["ReceiptHandle"]))
step("delete again", lambda: sqs.delete_message(QueueUrl=jobs, ReceiptHandle=again["ReceiptHandle"]))
step("delete by nothing", lambda: sqs.delete_message(QueueUrl=jobs, ReceiptHandle="nothing"))
step("send nothing", lambda: sqs.send_message(QueueUrl=wrong, MessageBody=""))
step("send what is no text", lambda: sqs.send_message(QueueUrl=wrong, MessageBody="a\uffff"))
step("send too late", lambda: sqs.send_message(QueueUrl=wrong, MessageBody="a", DelaySeconds=901))
step("send a deduplication id", lambda: sqs.send_message(QueueUrl=wrong, MessageBody="a", MessageDeduplicationId="a"))
step("receive too many", lambda: receive(jobs, MaxNumberOfMessages=11))
step("wait too long", lambda: receive(jobs, WaitTimeSeconds=21))

# Batches
step(
    "send a batch",
    lambda: sqs.send_message_batch(
        QueueUrl=jobs,
        Entries=[
            {"Id": "a", "MessageBody": "1"},
            {"Id": "b", "MessageBody": "2", "DelaySeconds": 901},
            {"Id": "c", "MessageBody": "3"},
        ],
    ),
    failures,
)
step("send an empty batch", lambda: sqs.send_message_batch(QueueUrl=wrong, Entries=[]))
step("send eleven", lambda: sqs.send_message_batch(QueueUrl=wrong, Entries=[{"Id": str(n), "MessageBody": "x"} for n in range(11)]))
step("send one twice", lambda: sqs.send_message_batch(QueueUrl=wrong, Entries=[{"Id": "a", "MessageBody": "x"}] * 2))
step("send an id that is none", lambda: sqs.send_message_batch(QueueUrl=wrong, Entries=[{"Id": "a b", "MessageBody": "x"}]))
step("send too much", lambda: sqs.send_message_batch(QueueUrl=wrong, Entries=[{"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2)]))
batch = step("receive the batch", lambda: receive(jobs), lambda a: sorted(bodies(a))).get("Messages", [])
step(
    "extend the batch",
    lambda: sqs.change_message_visibility_batch(
        QueueUrl=jobs,
        Entries=[
            {"Id": "a", "ReceiptHandle": first({"Messages": batch})["ReceiptHandle"], "VisibilityTimeout": 60},
            {"Id": "b", "ReceiptHandle": "nothing", "VisibilityTimeout": 60},
        ],
    ),
    failures,
)
step(
    "delete the batch",
    lambda: sqs.delete_message_batch(
        QueueUrl=jobs,
        Entries=[{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(batch)]
        + [{"Id": "none", "ReceiptHandle": "nothing"}],
    ),
    failures,
)

# FIFO
fifo = step(
    "create FIFO",
    lambda: sqs.create_queue(QueueName="ordered.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "1"}),
    everything,
)["QueueUrl"]
wrongFifo = sqs.create_queue(QueueName="wrong.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
step("FIFO attributes", lambda: attributes(fifo, "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"), everything)
step("send FIFO without a group", lambda: sqs.send_message(QueueUrl=wrongFifo, MessageBody="x", MessageDeduplicationId="x"))
step("send FIFO without an id", lambda: sqs.send_message(QueueUrl=wrongFifo, MessageBody="x", MessageGroupId="g"))
step("send FIFO with a delay", lambda: sqs.send_message(QueueUrl=wrongFifo, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="x", DelaySeconds=1))


def ordered(body, group, key=None):
    return sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=key or body)


one = step("send FIFO", lambda: ordered("a1", "a"), lambda a: len(a["SequenceNumber"]))
step("send FIFO again", lambda: ordered("a1 again", "a", "a1"), lambda a: a["MessageId"] == one.get("MessageId"))
ordered("a2", "a")
ordered("b1", "b")
pair = step("receive FIFO", lambda: receive(fifo, MaxNumberOfMessages=1, AttributeNames=["All"]), lambda a: [bodies(a), a["Messages"][0]["Attributes"]["MessageGroupId"], a["Messages"][0]["Attributes"]["MessageDeduplicationId"]])
step("receive FIFO, the first group is busy", lambda: receive(fifo, VisibilityTimeout=30), bodies)
time.sleep(1.2)
step("delete FIFO too late", lambda: sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first(pair)["ReceiptHandle"]))
step("receive FIFO, in order again", lambda: receive(fifo, VisibilityTimeout=30), bodies)
step("high throughput by half", lambda: sqs.set_queue_attributes(QueueUrl=fifo, Attributes={"FifoThroughputLimit": "perMessageGroupId"}))
step("high throughput", lambda: sqs.set_queue_attributes(QueueUrl=fifo, Attributes={"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}))
step("FIFO no more", lambda: sqs.set_queue_attributes(QueueUrl=fifo, Attributes={"FifoQueue": "false"}))

# Dead letters
dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
deadArn = attributes(dead, "QueueArn")["QueueArn"]
redrive = json.dumps({"deadLetterTargetArn": deadArn, "maxReceiveCount": 1})
source = step("create with dead letters", lambda: sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"}), everything)["QueueUrl"]
sourceArn = attributes(source, "QueueArn")["QueueArn"]
step("redrive policy", lambda: json.loads(attributes(source, "RedrivePolicy")["RedrivePolicy"]), everything)
step("dead letters that are nowhere", lambda: sqs.set_queue_attributes(QueueUrl=source, Attributes={"RedrivePolicy": redrive.replace("dead", "nowhere", 2).replace("nowhereLetter", "deadLetter")}))
step("dead letters of a FIFO queue in another", lambda: sqs.set_queue_attributes(QueueUrl=fifo, Attributes={"RedrivePolicy": redrive}))
step("sources", lambda: sqs.list_dead_letter_source_queues(QueueUrl=dead), everything)
sent = sqs.send_message(QueueUrl=source, MessageBody="poison")
step("receive poison", lambda: receive(source), bodies)
step("receive poison no more", lambda: receive(source), everything)
step("receive poison from the dead letters", lambda: receive(dead, AttributeNames=["All"], VisibilityTimeout=0), lambda a: [bodies(a), a["Messages"][0]["MessageId"] == sent["MessageId"], a["Messages"][0]["Attributes"].get("DeadLetterQueueSourceArn"), a["Messages"][0]["Attributes"]["ApproximateReceiveCount"]])
step("allow nobody", lambda: sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})}))
step("dead letters that are not allowed", lambda: sqs.create_queue(QueueName="another", Attributes={"RedrivePolicy": redrive}))
if hasMoves:
    step("move what is no dead-letter queue", lambda: sqs.start_message_move_task(SourceArn=sourceArn))
    step("move what is not there", lambda: sqs.start_message_move_task(SourceArn=deadArn + "x"))
    task = step("move", lambda: sqs.start_message_move_task(SourceArn=deadArn), lambda a: sorted(a))
    for _ in range(100 if task else 0):
        results = sqs.list_message_move_tasks(SourceArn=deadArn)["Results"]
        if results and results[0]["Status"] != "RUNNING":
            break
        time.sleep(0.1)
    step("moves", lambda: sqs.list_message_move_tasks(SourceArn=deadArn), lambda a: [[r["Status"], r["ApproximateNumberOfMessagesMoved"]] for r in a["Results"]])
    step("cancel what is over", lambda: sqs.cancel_message_move_task(TaskHandle=task.get("TaskHandle", "none")))
    step("cancel nothing", lambda: sqs.cancel_message_move_task(TaskHandle="nothing"))
    step("receive what was moved", lambda: receive(source, AttributeNames=["All"]), lambda a: [bodies(a), first(a).get("Attributes", {}).get("ApproximateReceiveCount")])

# The end
sqs.send_message(QueueUrl=jobs, MessageBody="a")
step("purge", lambda: sqs.purge_queue(QueueUrl=jobs))
step("purge again", lambda: sqs.purge_queue(QueueUrl=jobs))
step("purged", lambda: attributes(jobs, *counts), everything)
step("delete the queue", lambda: sqs.delete_queue(QueueUrl=jobs))
step("delete the queue again", lambda: sqs.delete_queue(QueueUrl=jobs))
step("send to no queue", lambda: sqs.send_message(QueueUrl=jobs, MessageBody="a"))
step("create too soon", lambda: sqs.create_queue(QueueName="jobs"))
