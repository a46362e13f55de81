/** What a function's code may do at the platform's endpoint and on its channel, tried from inside: its own, and nothing else. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { administratorOf, callApi } from '../harness/api-client.ts';
import {
  assertRefused,
  openProbe,
  secretOfTheirs,
  type Answer,
  type Probe,
  type Told,
} from '../harness/probe/open-probe.ts';

let probe: Probe;

before(async () => {
  probe = await openProbe();
});

after(() => probe[Symbol.asyncDispose]());

describe('the platform’s endpoint', () => {
  test('what is not signed, or wrongly, is refused', async () => {
    const { accessKeyId } = administratorOf(probe.mayfly);
    const told = await probe.ask(
      'probe',
      `own = own_credentials()
tell(unsigned=send("GET", "/mine"), forged=send("GET", "/mine", {"x-forwarded-for": "127.0.0.1", "host": "localhost:4566"}))`,
    );
    assertRefused(told);
    const wrong = (await probe.ask(
      'probe',
      `own = own_credentials()
tell(secret=signed("GET", "/mine", credentials={**own, "secret": "x" * 40}), administrator=signed("GET", "/mine", credentials={"key": event["key"], "secret": "x" * 40}))`,
      { key: accessKeyId },
    )) as Told;
    assertRefused(wrong, 'SignatureDoesNotMatch');
    const token = await probe.ask(
      'probe',
      `own = own_credentials(); tell(token=signed("GET", "/mine", credentials={**own, "token": own["token"][:-8] + "AAAAAAA="}))`,
    );
    const { status, code } = token['token'] as Answer;
    // S3's own status for it. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    assert.deepEqual({ status, code }, { status: 400, code: 'InvalidToken' });
    const nobody = await probe.ask(
      'probe',
      `tell(stranger=signed("GET", "/mine", credentials={"key": "AKIAXXXXXXXXXXXXXXXX", "secret": "x" * 40}))`,
    );
    assertRefused(nobody, 'InvalidAccessKeyId');
  });

  test('another function’s credentials are of no use in this one, nor outside', async () => {
    const via = async (path: string, event: object): Promise<Told> => {
      const response = await fetch(probe.mayfly.http + path, { method: 'POST', body: JSON.stringify(event) });
      assert.equal(response.status, 200);
      return (await response.json()) as Told;
    };
    const get = 'signed("GET", "/theirs/secret", credentials=event.get("stolen"))';
    const theirs = await via('/neighbour', { code: `tell(credentials=own_credentials(), own=${get})` });
    assert.equal((theirs['own'] as Answer).text, secretOfTheirs, 'its owner may');
    const stolen = theirs['credentials'] as { key: string; secret: string; token: string };

    const told = await via('/probe', {
      stolen,
      code: `tell(get=${get}, list=signed("GET", "/theirs?list-type=2", credentials=event["stolen"]))`,
    });
    assertRefused(told);
    const outside = await callApi(probe.mayfly, {
      target: '/theirs/secret',
      service: 's3',
      credentials: { accessKeyId: stolen.key, secretAccessKey: stolen.secret, sessionToken: stolen.token },
    });
    assert.equal(outside.status, 403);
    assert.match(await outside.text(), /<Code>AccessDenied<\/Code>.*valid only inside the environment/);
  });

  test('buckets that nothing gave it are denied, whether or not they are there', async () => {
    const told = await probe.ask(
      'probe',
      `copy = {"x-amz-copy-source": "/theirs/secret"}
tell(get=signed("GET", "/theirs/secret"), list=signed("GET", "/theirs?list-type=2"), put=signed("PUT", "/theirs/mine", body="x"), delete=signed("DELETE", "/theirs/secret"),
     copy=signed("PUT", "/mine/stolen", headers=copy), multipart=signed("POST", "/theirs/big?uploads="), absent=signed("GET", "/nowhere/x"),
     new=signed("PUT", "/new-one"), remove=signed("DELETE", "/theirs"), own_remove=signed("DELETE", "/mine"),
     notify=signed("PUT", "/mine?notification=", body="<NotificationConfiguration/>"), all=signed("GET", "/"))`,
    );
    assert.equal(Object.keys(told).length, 12);
    assertRefused(told);
    const own = await probe.ask(
      'probe',
      `tell(put=signed("PUT", "/mine/x", body="x")["status"], get=signed("GET", "/mine/x")["text"])`,
    );
    assert.deepEqual(own, { put: 200, get: 'x' }, 'its own it may use');
  });

  test('queues that nothing gave it are denied', async () => {
    const told = await probe.ask(
      'probe',
      `def sqs(operation, body):
    headers = {"x-amz-target": "AmazonSQS." + operation, "content-type": "application/x-amz-json-1.0"}
    return signed("POST", "/", "sqs", headers=headers, body=json.dumps(body))
url = "http://127.0.0.1:4566/000000000000/jobs"
tell(send=sqs("SendMessage", {"QueueUrl": url, "MessageBody": "x"}), receive=sqs("ReceiveMessage", {"QueueUrl": url}), list=sqs("ListQueues", {}), new=sqs("CreateQueue", {"QueueName": "x"}))`,
    );
    assertRefused(told, 'AccessDeniedException');
  });

  test('the administrator’s API is refused to it, all of it', async () => {
    const calls = [
      ['GET', 'platform'],
      ['GET', 'deployments'],
      ['POST', 'deployments'],
      ['DELETE', 'deployments/probe'],
      ['PUT', `bundles/${'0'.repeat(64)}`],
      ['GET', 'functions'],
      ['GET', 'functions/neighbour/logs'],
      ['DELETE', 'functions/neighbour'],
      ['POST', 'functions/neighbour/invocations'],
      ['POST', 'functions/neighbour/rollback'],
      ['GET', 'functions/neighbour/dead-letters'],
      ['GET', 'invocations'],
      ['GET', 'bill'],
      ['GET', 'usage'],
      ['GET', 'buckets'],
      ['POST', 'queues/jobs/messages'],
      ['GET', 'doctor'],
      ['GET', 'metrics'],
      ['POST', 'console-tokens'],
      ['POST', 'reset'],
    ];
    const code = `tell(**{" ".join(one): REQUEST for one in event["calls"]})`;
    const own = await probe.ask('probe', code.replace('REQUEST', 'signed(one[0], "/_mayfly/" + one[1], "mayfly")'), {
      calls,
    });
    assert.equal(Object.keys(own).length, calls.length);
    assertRefused(own, 'permission_denied');
    const unsigned = await probe.ask('probe', code.replace('REQUEST', 'send(one[0], "/_mayfly/" + one[1])'), { calls });
    assertRefused(unsigned, 'unauthenticated');
    const health = await probe.ask('probe', `tell(**send("GET", "/_mayfly/health"))`);
    assert.equal(health['status'], 200, 'the one call that needs no signature');
  });

  test('more connections than its share are not accepted, and others are answered', async () => {
    const result = await probe.whileOthersWork(
      probe.run(
        'probe',
        `held = []
for _ in range(600):
    one = socket.socket()
    one.settimeout(2)
    try:
        one.connect(ENDPOINT)
        one.sendall(b"GET /mine HTTP/1.1\\r\\nhost: x\\r\\n")
        held.append(one)
    except OSError: pass
import time
time.sleep(1)
def is_open(one):
    one.setblocking(False)
    try: return one.recv(1) != b""
    except BlockingIOError: return True
    except OSError: return False
tell(tried=len(held), left=sum(map(is_open, held)))
for one in held: one.close()`,
      ),
    );
    const { left } = result.payload as { left: number };
    assert.ok(left > 0 && left <= 256, `${left} connections stay open`);
    await probe.assertWorks('probe');
  });
});

describe('the channel to the platform', () => {
  const frame = (type: number, payload: string): string =>
    `len(${payload}).to_bytes(4, "big") + bytes([${type}]) + ${payload}`;
  const response = 19;

  test('garbage on it ends this environment alone, and the next call works', async () => {
    await probe.assertWorks('neighbour');
    for (const garbage of [
      'b"\\xff" * 4096',
      '(0xffffffff).to_bytes(4, "big") + bytes([19])',
      frame(99, 'b""'),
      frame(16, 'b""'),
      frame(20, 'b"not json"'),
      frame(23, 'b"\\0\\0\\0\\1"'),
    ]) {
      const result = await probe.assertFails(
        'probe',
        `os.write(3, ${garbage}); import time; time.sleep(5)`,
        'Runtime.ExitError',
      );
      assert.ok(
        result.log.some((line) => line.startsWith('Mayfly ended this environment: its channel carried')),
        result.log.join('\n'),
      );
    }
    const node = `const { writeSync } = await load('fs'); writeSync(3, Buffer.alloc(4096, 255)); await new Promise((resolve) => setTimeout(resolve, 3000));`;
    await probe.assertFails('in-node', node, 'Runtime.ExitError');
    await probe.assertWorks('neighbour');
  });

  test('a forged answer reaches no invocation but the one in this environment', async () => {
    const slow = probe.run('neighbour', 'import time; time.sleep(1); tell(mine=True)');
    const forged = await probe.run(
      'probe',
      `import __main__; os.write(3, ${frame(response, '__main__.number + b\'\\0\\0\\0\\0"forged"\'')}); tell(own=True)`,
    );
    assert.equal(forged.payload, 'forged', 'it answers for itself as it likes');
    assert.deepEqual((await slow).payload, { mine: true });
    // The answer that comes behind it belongs to nobody: it ends the environment, and not the next invocation.
    for (let n = 0; n < 3; n += 1) await probe.assertWorks('probe');
  });

  test('another invocation’s answer or event cannot be read', async () => {
    const secret = 'an event for the neighbour alone';
    const slow = probe.run('neighbour', 'import time; time.sleep(1); tell(got=event["secret"])', { secret });
    const told = await probe.ask(
      'probe',
      `import select, time
seen = b""
end = time.time() + 1.2
while time.time() < end:
    if select.select([3], [], [], 0.05)[0]: seen += os.read(3, 65536)
tell(seen=len(seen))`,
    );
    assert.deepEqual(told, { seen: 0 });
    assert.deepEqual((await slow).payload, { got: secret });
  });
});
