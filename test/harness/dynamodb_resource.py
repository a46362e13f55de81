"""boto3's resource layer on a table with the keys `owner` (S) and `at` (N): prints what came of each thing as JSON."""

import json
import sys
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary

table = boto3.resource("dynamodb").Table(sys.argv[1])
kept = {
    "owner": "ada",
    "at": Decimal("1"),
    "price": Decimal("12.3456789012345678901234567890123456"),
    "tags": {"a", "b"},
    "sizes": {Decimal("1"), Decimal("2.5")},
    "blobs": {b"x", b"y"},
    "raw": b"\x00\xff",
    "nested": {"list": [Decimal("1"), None, True, {"deep": "\u00e4\U0001f600"}], "empty": "", "none": []},
}
table.put_item(Item=kept)
got = table.get_item(Key={"owner": "ada", "at": 1})["Item"]
same = {**got, "raw": got["raw"].value, "blobs": {blob.value if isinstance(blob, Binary) else blob for blob in got["blobs"]}}

with table.batch_writer(overwrite_by_pkeys=["owner", "at"]) as batch:
    for number in range(60):
        batch.put_item(Item={"owner": "bob", "at": number, "even": number % 2 == 0})
    batch.put_item(Item={"owner": "bob", "at": 59, "even": False})
    batch.delete_item(Key={"owner": "bob", "at": 0})

queried = []
more = {}
while True:
    page = table.query(
        KeyConditionExpression=Key("owner").eq("bob") & Key("at").between(10, 49),
        FilterExpression=Attr("even").eq(True) & Attr("even").exists() & ~Attr("missing").exists(),
        ProjectionExpression="#a",
        ExpressionAttributeNames={"#a": "at"},
        Limit=7,
        **more,
    )
    queried += [int(item["at"]) for item in page["Items"]]
    if "LastEvaluatedKey" not in page:
        break
    more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

scanned = [
    item
    for segment in range(3)
    for item in table.scan(Segment=segment, TotalSegments=3, FilterExpression=Attr("owner").is_in(["bob"]))["Items"]
]
updated = table.update_item(
    Key={"owner": "ada", "at": 1},
    UpdateExpression="SET price = price + :p, nested.#l = list_append(nested.#l, :l) DELETE tags :t",
    ConditionExpression=Attr("tags").contains("a") & Attr("nested").attribute_type("M") & Attr("nested").size().gt(2),
    ExpressionAttributeNames={"#l": "list"},
    ExpressionAttributeValues={":p": Decimal("0.5"), ":l": ["more"], ":t": {"a"}},
    ReturnValues="UPDATED_NEW",
)["Attributes"]
print(
    json.dumps(
        {
            "same": same == kept,
            "queried": queried,
            "scanned": sorted(int(item["at"]) for item in scanned),
            "price": str(updated["price"]),
            "tags": sorted(updated["tags"]),
            "length": len(updated["nested"]["list"]),
        }
    )
)
