"""A hundred who each want to be the first to put an item, at the same moment, through boto3: prints what came of it."""

import json
import sys
import threading

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

table, racers = sys.argv[1], int(sys.argv[2])
client = boto3.client("dynamodb", config=Config(max_pool_connections=racers, retries={"max_attempts": 0}))
together = threading.Barrier(racers)
outcomes = []


def race(number):
    together.wait()
    try:
        client.put_item(
            TableName=table,
            Item={"id": {"S": "first"}, "by": {"N": str(number)}},
            ConditionExpression="attribute_not_exists(id)",
        )
        outcomes.append("won")
    except ClientError as error:
        outcomes.append(error.response["Error"]["Code"])


threads = [threading.Thread(target=race, args=(number,)) for number in range(racers)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
item = client.get_item(TableName=table, Key={"id": {"S": "first"}}, ConsistentRead=True)["Item"]
print(json.dumps({"outcomes": outcomes, "by": item["by"]["N"]}))
