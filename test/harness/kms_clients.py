"""Every operation of KMS through boto3, or through the genuine aws command, and what is refused; one line for each step: [name, outcome].

The outcome is "ok" with what is worth comparing, or the error's code. AWS_ENDPOINT_URL is asked; the first argument says
which client: boto3 or aws. The command runs in this process, since starting it takes longer than what it does.
"""

import base64
import io
import json
import re
import sys
from contextlib import redirect_stderr, redirect_stdout

import os

import boto3
from awscli.clidriver import create_clidriver
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = os.environ["AWS_ENDPOINT_URL"]
client = boto3.client("kms", endpoint_url=endpoint, region_name="us-east-1", config=Config(retries={"max_attempts": 0}))
drivers = []
nowhere = "00000000-0000-4000-8000-000000000000"


class Refused(Exception):
    def __init__(self, code):
        self.code = code


def by_boto3(operation, given):
    try:
        return getattr(client, xform_name(operation))(**given)
    except ClientError as error:
        raise Refused(error.response["Error"]["Code"]) from None


def by_command(operation, given):
    """Bytes go in and out as base64, as the command prints them."""
    words = ["--endpoint-url", endpoint, "--region", "us-east-1", "--output", "json", "kms", xform_name(operation, "-")]
    for name, value in given.items():
        option = "--" + xform_name(name, "-")
        if isinstance(value, bool):
            words.append(option if value else "--no-" + option[2:])
        elif isinstance(value, bytes):
            path = f"/tmp/kms-clients-{os.getpid()}-{name}"
            with open(path, "wb") as file:
                file.write(value)
            words += [option, f"fileb://{path}"]
        else:
            words += [option, value if isinstance(value, str) else json.dumps(value)]
    printed, complained = io.StringIO(), io.StringIO()
    if not drivers:
        drivers.append(create_clidriver())
    with redirect_stdout(printed), redirect_stderr(complained):
        try:
            status = drivers[0].main(words)
        except SystemExit as end:
            status = end.code
    if status != 0:
        found = re.search(r"An error occurred \((.*?)\)", complained.getvalue())
        if found is None:
            raise Exception(complained.getvalue())
        raise Refused(found[1])
    answer = json.loads(printed.getvalue() or "{}")
    blobs = ("CiphertextBlob", "Plaintext", "Signature", "Mac", "PublicKey", "SharedSecret", "PrivateKeyPlaintext", "PrivateKeyCiphertextBlob")
    return {name: base64.b64decode(value) if name in blobs else value for name, value in answer.items()}


call = by_command if sys.argv[1] == "aws" else by_boto3


def step(name, operation, fact=lambda answer: "", **given):
    answer = {}
    try:
        answer = call(operation, given)
        outcome = ("ok " + said(fact, answer)).strip()
    except Refused as refused:
        outcome = refused.code
    print(json.dumps([name, outcome]), flush=True)
    return answer


def said(fact, answer):
    """What the answer does not have is told as that."""
    try:
        return str(fact(answer))
    except KeyError as missing:
        return f"without {missing.args[0]}"


def made(name, **given):
    return step(name, "CreateKey", lambda answer: describe(answer["KeyMetadata"]), **given).get("KeyMetadata", {}).get("KeyId", nowhere)


def describe(key):
    names = ("KeyState", "Enabled", "KeySpec", "CustomerMasterKeySpec", "Origin", "KeyManager", "Description")
    return [key.get(name) for name in names]


context = {"team": "red"}

key = made("create a key", Description="for pictures", Tags=[{"TagKey": "a", "TagValue": "1"}])
other = made("create another")
step("describe it", "DescribeKey", lambda a: describe(a["KeyMetadata"]), KeyId=key)
step("describe none", "DescribeKey", KeyId=nowhere)
step("describe nonsense", "DescribeKey", KeyId="nonsense")
step("list keys", "ListKeys", lambda a: {key, other} <= {k["KeyId"] for k in a["Keys"]})
step("describe it otherwise", "UpdateKeyDescription", KeyId=key, Description="more")
step("read that", "DescribeKey", lambda a: a["KeyMetadata"]["Description"], KeyId=key)
step("tag", "TagResource", KeyId=key, Tags=[{"TagKey": "b", "TagValue": "2"}])
step("untag", "UntagResource", KeyId=key, TagKeys=["a"])
step("list tags", "ListResourceTags", lambda a: a["Tags"], KeyId=key)

step("name it", "CreateAlias", AliasName="alias/walk", TargetKeyId=key)
step("name it again", "CreateAlias", AliasName="alias/walk", TargetKeyId=other)
step("name none", "CreateAlias", AliasName="alias/none", TargetKeyId=nowhere)
step("name without alias/", "CreateAlias", AliasName="walk", TargetKeyId=key)
step("list its names", "ListAliases", lambda a: [x["AliasName"] for x in a["Aliases"]], KeyId=key)
step("name the other", "UpdateAlias", AliasName="alias/walk", TargetKeyId=other)
step("name the first again", "UpdateAlias", AliasName="alias/walk", TargetKeyId=key)
step("rename none", "UpdateAlias", AliasName="alias/none", TargetKeyId=key)

sealed = step("encrypt", "Encrypt", lambda a: a["EncryptionAlgorithm"], KeyId="alias/walk", Plaintext=b"plain", EncryptionContext=context).get("CiphertextBlob", b"")
step("decrypt", "Decrypt", lambda a: a["Plaintext"] == b"plain", CiphertextBlob=sealed, EncryptionContext=context)
step("decrypt with its key", "Decrypt", lambda a: a["Plaintext"] == b"plain", CiphertextBlob=sealed, EncryptionContext=context, KeyId=key)
step("decrypt without the context", "Decrypt", CiphertextBlob=sealed)
step("decrypt with another key", "Decrypt", CiphertextBlob=sealed, EncryptionContext=context, KeyId=other)
step("decrypt nonsense", "Decrypt", CiphertextBlob=b"nonsense that is long enough to be looked at")
step("encrypt with none", "Encrypt", KeyId=nowhere, Plaintext=b"x")
step("encrypt too much", "Encrypt", KeyId=key, Plaintext=b"x" * 4097)
moved = step("encrypt again", "ReEncrypt", CiphertextBlob=sealed, SourceEncryptionContext=context, DestinationKeyId=other).get("CiphertextBlob", b"")
step("decrypt that", "Decrypt", lambda a: a["Plaintext"] == b"plain", CiphertextBlob=moved)

step("a data key", "GenerateDataKey", lambda a: len(a["Plaintext"]), KeyId=key, KeySpec="AES_256")
step("a data key of 16 bytes", "GenerateDataKey", lambda a: len(a["Plaintext"]), KeyId=key, NumberOfBytes=16)
step("a data key of both", "GenerateDataKey", KeyId=key, NumberOfBytes=16, KeySpec="AES_256")
step("a data key of nothing", "GenerateDataKey", KeyId=key)
step("a data key unseen", "GenerateDataKeyWithoutPlaintext", lambda a: "Plaintext" in a, KeyId=key, KeySpec="AES_128")
step("a pair", "GenerateDataKeyPair", lambda a: a["KeyPairSpec"], KeyId=key, KeyPairSpec="ECC_NIST_P256")
step("a pair unseen", "GenerateDataKeyPairWithoutPlaintext", lambda a: "PrivateKeyPlaintext" in a, KeyId=key, KeyPairSpec="ECC_NIST_P256")
if sys.argv[1] == "boto3":
    step("chance", "GenerateRandom", lambda a: len(a["Plaintext"]), NumberOfBytes=24)
else:
    step("chance", "GenerateRandom", lambda a: len(a["Plaintext"]), NumberOfBytes="24")

rsa = made("create a pair that signs", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
for algorithm in ("RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_512"):
    signed = step(f"sign {algorithm}", "Sign", KeyId=rsa, Message=b"message", SigningAlgorithm=algorithm).get("Signature", b"")
    step(f"verify {algorithm}", "Verify", lambda a: a["SignatureValid"], KeyId=rsa, Message=b"message", Signature=signed, SigningAlgorithm=algorithm)
    step(f"verify another {algorithm}", "Verify", KeyId=rsa, Message=b"another", Signature=signed, SigningAlgorithm=algorithm)
step("sign as a curve does", "Sign", KeyId=rsa, Message=b"message", SigningAlgorithm="ECDSA_SHA_256")
step("sign with what encrypts", "Sign", KeyId=key, Message=b"message", SigningAlgorithm="ECDSA_SHA_256")
step("encrypt with what signs", "Encrypt", KeyId=rsa, Plaintext=b"x")
step("its public half", "GetPublicKey", lambda a: (a["KeySpec"], a["KeyUsage"], len(a["PublicKey"])), KeyId=rsa)
step("the public half of what has none", "GetPublicKey", KeyId=key)
curve = made("create a curve", KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")
signed = step("sign on it", "Sign", KeyId=curve, Message=b"message", SigningAlgorithm="ECDSA_SHA_384").get("Signature", b"")
step("verify on it", "Verify", lambda a: a["SignatureValid"], KeyId=curve, Message=b"message", Signature=signed, SigningAlgorithm="ECDSA_SHA_384")
mac = made("create a key for digests", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
tag = step("authenticate", "GenerateMac", lambda a: len(a["Mac"]), KeyId=mac, Message=b"message", MacAlgorithm="HMAC_SHA_256").get("Mac", b"")
step("check it", "VerifyMac", lambda a: a["MacValid"], KeyId=mac, Message=b"message", Mac=tag, MacAlgorithm="HMAC_SHA_256")
step("check another", "VerifyMac", KeyId=mac, Message=b"another", Mac=tag, MacAlgorithm="HMAC_SHA_256")
agreeing = made("create a pair that agrees", KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
public = step("what it agrees with", "GetPublicKey", lambda a: a["KeyAgreementAlgorithms"], KeyId=agreeing).get("PublicKey", b"x")
step("agree", "DeriveSharedSecret", lambda a: len(a["SharedSecret"]), KeyId=agreeing, KeyAgreementAlgorithm="ECDH", PublicKey=public)
step("create without a usage", "CreateKey", KeySpec="RSA_2048")
step("create what does not fit", "CreateKey", KeySpec="HMAC_256", KeyUsage="SIGN_VERIFY")

step("its policy", "GetKeyPolicy", lambda a: json.loads(a["Policy"])["Statement"][0]["Action"], KeyId=key, PolicyName="default")
step("its policies", "ListKeyPolicies", lambda a: a["PolicyNames"], KeyId=key)
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}]}
step("another policy", "PutKeyPolicy", KeyId=key, PolicyName="default", Policy=json.dumps(policy))
step("no policy", "PutKeyPolicy", KeyId=key, PolicyName="default", Policy="nonsense")
step("a policy of another name", "GetKeyPolicy", KeyId=key, PolicyName="other")

grantee = "arn:aws:iam::000000000000:role/reader"
grant = step("grant", "CreateGrant", KeyId=key, GranteePrincipal=grantee, RetiringPrincipal=grantee, Operations=["Decrypt"]).get("GrantId", "none")
step("list grants", "ListGrants", lambda a: [(g["GranteePrincipal"], g["Operations"]) for g in a["Grants"]], KeyId=key)
step("grants that may be retired", "ListRetirableGrants", lambda a: len(a["Grants"]), RetiringPrincipal=grantee)
step("revoke", "RevokeGrant", KeyId=key, GrantId=grant)
step("revoke again", "RevokeGrant", KeyId=key, GrantId=grant)
token = step("grant again", "CreateGrant", KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])
step("retire", "RetireGrant", KeyId=key, GrantId=token.get("GrantId", "none"))

days = {"RotationPeriodInDays": 90} if sys.argv[1] == "boto3" else {}
step("rotate it from now on", "EnableKeyRotation", KeyId=key, **days)
step("is it rotated", "GetKeyRotationStatus", lambda a: a["KeyRotationEnabled"], KeyId=key)
step("rotate it now", "RotateKeyOnDemand", KeyId=key)
step("its rotations", "ListKeyRotations", lambda a: [r.get("RotationType") for r in a["Rotations"]], KeyId=key)
step("decrypt what is older", "Decrypt", lambda a: a["Plaintext"] == b"plain", CiphertextBlob=sealed, EncryptionContext=context)
step("rotate it no more", "DisableKeyRotation", KeyId=key)
step("rotate a pair", "EnableKeyRotation", KeyId=rsa)

step("switch it off", "DisableKey", KeyId=key)
step("use it", "Encrypt", KeyId=key, Plaintext=b"x")
step("switch it on", "EnableKey", KeyId=key)
step("delete at once", "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=1 if sys.argv[1] == "boto3" else "1")
step("delete it", "ScheduleKeyDeletion", lambda a: a["KeyState"], KeyId=key, PendingWindowInDays=7 if sys.argv[1] == "boto3" else "7")
step("use it before it goes", "Encrypt", KeyId=key, Plaintext=b"x")
step("switch it on before it goes", "EnableKey", KeyId=key)
step("delete it again", "ScheduleKeyDeletion", KeyId=key)
step("keep it", "CancelKeyDeletion", KeyId=key)
step("keep it again", "CancelKeyDeletion", KeyId=key)
step("it is off", "DescribeKey", lambda a: a["KeyMetadata"]["KeyState"], KeyId=key)
step("unname it", "DeleteAlias", AliasName="alias/walk")
step("unname it again", "DeleteAlias", AliasName="alias/walk")
step("another region", "CreateKey", MultiRegion=True)
