"""What moto's evaluator says of policies: a list of [policy, action, resource] comes in, a list of its words goes out."""

import json
import sys

from moto.iam.access_control import IAMPolicy

words = {"PERMITTED": "allowed", "DENIED": "denied", "NEUTRAL": "not_allowed"}
print(
    json.dumps(
        [
            words[IAMPolicy({"policy_document": policy}).is_action_permitted(action, resource).name]
            for policy, action, resource in json.load(sys.stdin)
        ]
    )
)
