"""SNS through boto3: every step says what came of it, in words that do not depend on who answered.

ENDPOINT is asked.
"""

import json
import os
import re

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

settings = dict(
    endpoint_url=os.environ["ENDPOINT"],
    region_name="us-east-1",
    aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "test"),
    aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
    config=Config(retries={"max_attempts": 0}),
)
sns = boto3.client("sns", **settings)
sqs = boto3.client("sqs", **settings)


def plain(value):
    text = json.dumps(value, sort_keys=True, default=str)
    text = re.sub(r"\b\d{12}\b", "ACCOUNT", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    return text


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


def queue(name, attributes=None):
    url = sqs.create_queue(QueueName=name, Attributes=attributes or {})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
    sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [policy]})}
    )
    return url, arn


def received(url, count):
    got = []
    for _ in range(30):
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            got.append(message)
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        if len(got) >= count:
            return got
    return got


topic = step("create", lambda: sns.create_topic(Name="news"), lambda a: a["TopicArn"])["TopicArn"]
step("create again", lambda: sns.create_topic(Name="news"), lambda a: a["TopicArn"])
step("create, a name that is none", lambda: sns.create_topic(Name="a.b"))
step("create, FIFO without the suffix", lambda: sns.create_topic(Name="a", Attributes={"FifoTopic": "true"}))
step("list", lambda: sns.list_topics(), lambda a: [t["TopicArn"] for t in a["Topics"]])
step(
    "attributes",
    lambda: sns.get_topic_attributes(TopicArn=topic),
    lambda a: {k: v for k, v in a["Attributes"].items() if k in ("TopicArn", "Owner", "DisplayName", "SubscriptionsConfirmed")},
)
step("set", lambda: sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="News"))
step("attributes of none", lambda: sns.get_topic_attributes(TopicArn=topic + "x"))
step("tag", lambda: sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "b"}]))
step("tags", lambda: sns.list_tags_for_resource(ResourceArn=topic), lambda a: a["Tags"])
step("untag", lambda: sns.untag_resource(ResourceArn=topic, TagKeys=["a"]))
step("tags of none", lambda: sns.list_tags_for_resource(ResourceArn=topic + "x"))
permission = dict(TopicArn=topic, Label="p", AWSAccountId=["111111111111"], ActionName=["Publish"])
step("permit", lambda: sns.add_permission(**permission))
step("permit again", lambda: sns.add_permission(**permission))
step("permit what there is not", lambda: sns.add_permission(**{**permission, "Label": "q", "ActionName": ["Fly"]}))
step("forbid", lambda: sns.remove_permission(TopicArn=topic, Label="p"))

url, arn = queue("inbox")
subscription = step("subscribe", lambda: sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn), lambda a: a["SubscriptionArn"])
subscription = subscription["SubscriptionArn"]
step("subscribe again", lambda: sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn), lambda a: a["SubscriptionArn"] == subscription)
step("subscribe, a protocol that is none", lambda: sns.subscribe(TopicArn=topic, Protocol="smoke", Endpoint=arn))
step("subscribe, a queue that is none", lambda: sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="queue"))
step("subscribe, a topic that is none", lambda: sns.subscribe(TopicArn=topic + "x", Protocol="sqs", Endpoint=arn))
step("subscriptions", lambda: sns.list_subscriptions_by_topic(TopicArn=topic), lambda a: [[s["Protocol"], s["Endpoint"]] for s in a["Subscriptions"]])
step("publish", lambda: sns.publish(TopicArn=topic, Message="hello", Subject="hi", MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}}), lambda a: sorted(a))
envelope = json.loads(received(url, 1)[0]["Body"])
picked = {k: envelope.get(k) for k in ("Type", "Message", "Subject", "TopicArn", "MessageAttributes", "SignatureVersion")}
print(json.dumps(["envelope", plain(picked)]), flush=True)
step("set raw", lambda: sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true"))
step("set what there is not", lambda: sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="Colour", AttributeValue="red"))
step("set a filter", lambda: sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue=json.dumps({"kind": ["order", {"prefix": "re"}]})))
for name, policy in {
    "nested": {"a": {"b": ["c"]}},
    "six keys": {c: ["x"] for c in "abcdef"},
    "no list": {"a": "x"},
    "an unknown operator": {"a": [{"unknown": 1}]},
    "too many values": {"a": list(range(13)), "b": list(range(13))},
}.items():
    step("set a filter, " + name, lambda: sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue=json.dumps(policy)))
step("attributes of a subscription", lambda: sns.get_subscription_attributes(SubscriptionArn=subscription), lambda a: {k: v for k, v in a["Attributes"].items() if k in ("Protocol", "Endpoint", "Owner", "PendingConfirmation", "RawMessageDelivery", "TopicArn")})
for kind in ("order", "other", "return"):
    step("publish " + kind, lambda: sns.publish(TopicArn=topic, Message=kind, MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}}), lambda a: sorted(a))
messages = received(url, 2)
print(json.dumps(["filtered and raw", sorted(m["Body"] for m in messages)]), flush=True)
print(json.dumps(["its attributes", plain(messages[0].get("MessageAttributes", {}).get("kind", {}).get("DataType"))]), flush=True)
step("publish nothing", lambda: sns.publish(TopicArn=topic, Message=""))
step("publish too much", lambda: sns.publish(TopicArn=topic, Message="x" * 262145))
step("publish a long subject", lambda: sns.publish(TopicArn=topic, Message="x", Subject="s" * 101))
step("publish to none", lambda: sns.publish(TopicArn=topic + "x", Message="x"))
step("publish a number that is none", lambda: sns.publish(TopicArn=topic, Message="x", MessageAttributes={"n": {"DataType": "Number", "StringValue": "x"}}))
step("publish a type that is none", lambda: sns.publish(TopicArn=topic, Message="x", MessageAttributes={"n": {"DataType": "Float", "StringValue": "1"}}))
step("publish a structure that is none", lambda: sns.publish(TopicArn=topic, Message="x", MessageStructure="yaml"))
step("publish with an id to deduplicate by", lambda: sns.publish(TopicArn=topic, Message="x", MessageDeduplicationId="d"))
entry = {"Id": "a", "Message": "x"}
step("a batch", lambda: sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[entry, {"Id": "b", "Message": "y"}]), lambda a: [s["Id"] for s in a["Successful"]])
step("a batch with an id twice", lambda: sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[entry, entry]))
step("a batch of eleven", lambda: sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": str(i), "Message": "x"} for i in range(11)]))

fifo = step("create FIFO", lambda: sns.create_topic(Name="ordered.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"}), lambda a: a["TopicArn"])["TopicArn"]
fifo_url, fifo_arn = queue("ordered.fifo", {"FifoQueue": "true", "ContentBasedDeduplication": "true"})
step("subscribe a FIFO queue to a standard topic", lambda: sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=fifo_arn))
step("subscribe FIFO", lambda: sns.subscribe(TopicArn=fifo, Protocol="sqs", Endpoint=fifo_arn, Attributes={"RawMessageDelivery": "true"}), lambda a: a["SubscriptionArn"])
step("publish FIFO without a group", lambda: sns.publish(TopicArn=fifo, Message="x"))
for text in ("1", "2", "3"):
    step("publish FIFO " + text, lambda: sns.publish(TopicArn=fifo, Message=text, MessageGroupId="g"), lambda a: "MessageId" in a)
print(json.dumps(["in order", [m["Body"] for m in received(fifo_url, 3)]]), flush=True)

step("unsubscribe", lambda: sns.unsubscribe(SubscriptionArn=subscription))
step("unsubscribe again", lambda: sns.unsubscribe(SubscriptionArn=subscription))
step("attributes of a subscription that is gone", lambda: sns.get_subscription_attributes(SubscriptionArn=subscription))
step("delete", lambda: sns.delete_topic(TopicArn=topic))
step("delete again", lambda: sns.delete_topic(TopicArn=topic))
