/** Who may ask: in `serve` every request of the API port is checked, in `dev` those that come from elsewhere than this machine. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  administratorOf,
  callApi,
  invokeFunction,
  sendApi,
  signedHeaders,
  type ApiRequest,
} from '../harness/api-client.ts';
import { awsClient } from '../harness/aws-client.ts';
import { eventually } from '../harness/eventually.ts';
import { startMayfly, type StartedMayfly } from '../harness/start-mayfly.ts';

type Refusal = { status: number; type: string; code: string | undefined; text: string };

const minuteMs = 60_000;

/** One request of each format that errors have; each is accepted as it stands. */
const requests = {
  s3: { target: '/kept/object', service: 's3' },
  sqs: {
    method: 'POST',
    target: '/',
    service: 'sqs',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' },
    body: '{}',
  },
  sqsQuery: {
    method: 'POST',
    target: '/',
    service: 'sqs',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=ListQueues&Version=2012-11-05',
  },
  control: { target: '/_mayfly/functions', service: 'mayfly' },
} as const satisfies Record<string, ApiRequest>;

type Door = keyof typeof requests;
const doors = Object.keys(requests) as Door[];

async function refusalOf(response: Response): Promise<Refusal> {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, code: codeIn(text, type), text };
}

function codeIn(text: string, type: string): string | undefined {
  if (type.includes('xml')) return /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
  const body = JSON.parse(text) as { __type?: string; error?: { code?: string } };
  return body.__type?.split('#').at(-1) ?? body.error?.code;
}

/** In the service's own format, with its own name of what is wrong. */
function assertRefused(door: Door, refusal: Refusal, codes: Record<Door, string>): void {
  assert.equal(refusal.status, 403, `${door}: ${refusal.text}`);
  assert.equal(refusal.code, codes[door], `${door}: ${refusal.text}`);
  switch (door) {
    case 's3':
      assert.match(refusal.text, /^<\?xml[^>]*>\s*<Error><Code>.*<Message>.*<RequestId>[0-9A-F]{16}<\/RequestId>/s);
      break;
    case 'sqs':
      assert.equal(refusal.type, 'application/x-amz-json-1.0');
      break;
    case 'sqsQuery':
      assert.match(refusal.text, /<ErrorResponse[^>]*>.*<Error>.*<Type>Sender<\/Type>.*<RequestId>/s);
      break;
    case 'control':
      assert.equal(refusal.type, 'application/json');
      break;
  }
}

describe('serve', () => {
  let mayfly: StartedMayfly;
  let s3: S3Client;

  before(async () => {
    mayfly = await startMayfly();
    s3 = new S3Client({ ...awsClient(mayfly), forcePathStyle: true });
    await callApi(mayfly, { method: 'PUT', target: '/kept', service: 's3' });
    await s3.send(new PutObjectCommand({ Bucket: 'kept', Key: 'object', Body: 'original' }));
  });

  after(() => mayfly[Symbol.asyncDispose]());

  const unchanged = async (): Promise<void> => {
    const response = await callApi(mayfly, requests.s3);
    assert.equal(await response.text(), 'original');
  };

  for (const door of doors) {
    const request: ApiRequest = requests[door];

    test(`${door}: what is signed is accepted`, async () => {
      assert.equal((await callApi(mayfly, request)).status, 200);
    });

    test(`${door}: what is not signed is refused`, async () => {
      const refusal = await refusalOf(await sendApi(mayfly, request, { ...request.headers }));
      assertRefused(door, refusal, {
        s3: 'AccessDenied',
        sqs: 'MissingAuthenticationTokenException',
        sqsQuery: 'MissingAuthenticationToken',
        control: 'unauthenticated',
      });
    });

    const mismatch = {
      s3: 'SignatureDoesNotMatch',
      sqs: 'InvalidSignatureException',
      sqsQuery: 'SignatureDoesNotMatch',
      control: 'unauthenticated',
    };

    test(`${door}: a wrong secret is refused`, async () => {
      const credentials = { ...administratorOf(mayfly), secretAccessKey: 'guessed' };
      assertRefused(door, await refusalOf(await callApi(mayfly, { ...request, credentials })), mismatch);
    });

    test(`${door}: an access key that nobody has is refused`, async () => {
      const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };
      assertRefused(door, await refusalOf(await callApi(mayfly, { ...request, credentials })), {
        s3: 'InvalidAccessKeyId',
        sqs: 'UnrecognizedClientException',
        sqsQuery: 'InvalidClientTokenId',
        control: 'unauthenticated',
      });
    });

    test(`${door}: another query than the signed one is refused`, async () => {
      const headers = signedHeaders(mayfly, request);
      const other = { ...request, target: `${request.target}?max=1` };
      assertRefused(door, await refusalOf(await sendApi(mayfly, other, headers)), mismatch);
    });

    test(`${door}: clocks further apart than the service bears are refused, in both directions`, async () => {
      // S3 bears 15 minutes, everybody else 5.
      const bornMs = (door === 's3' ? 15 : 5) * minuteMs;
      for (const skewMs of [-bornMs - minuteMs, bornMs + minuteMs]) {
        assertRefused(door, await refusalOf(await callApi(mayfly, { ...request, skewMs })), {
          s3: 'RequestTimeTooSkewed',
          sqs: 'InvalidSignatureException',
          sqsQuery: 'SignatureDoesNotMatch',
          control: 'unauthenticated',
        });
      }
      assert.equal((await callApi(mayfly, { ...request, skewMs: minuteMs - bornMs })).status, 200);
    });

    test(`${door}: a signature for another service is refused`, async () => {
      // The service in the scope says who is asked; here somebody else's headers and path come with it.
      const other = door === 'control' ? 's3' : 'mayfly';
      const response = await callApi(mayfly, { ...request, service: other });
      assert.ok([400, 403, 501].includes(response.status), String(response.status));
      await unchanged();
    });
  }

  test('another method or path than the signed one is refused', async () => {
    const headers = signedHeaders(mayfly, requests.s3);
    for (const other of [{ method: 'DELETE', target: '/kept/object' }, { target: '/kept/other' }, { target: '/' }]) {
      const refusal = await refusalOf(await sendApi(mayfly, other, headers));
      assert.deepEqual([refusal.status, refusal.code], [403, 'SignatureDoesNotMatch'], JSON.stringify(other));
    }
    await unchanged();
  });

  test('an x-amz- header that the signature does not cover is refused', async () => {
    const put = { method: 'PUT', target: '/kept/copied', service: 's3' };
    const headers = { ...signedHeaders(mayfly, put), 'x-amz-copy-source': '/kept/object' };
    const refusal = await refusalOf(await sendApi(mayfly, put, headers));
    assert.deepEqual([refusal.status, refusal.code], [403, 'AccessDenied']);
    assert.match(refusal.text, /x-amz-copy-source/);
  });

  test('another region than the platform’s is refused, each service in its own way', async () => {
    const s3Refusal = await refusalOf(await callApi(mayfly, { ...requests.s3, region: 'eu-west-1' }));
    // S3's own status, and the region with which boto3 tries again.
    assert.deepEqual([s3Refusal.status, s3Refusal.code], [400, 'AuthorizationHeaderMalformed']);
    assert.match(s3Refusal.text, /<Region>us-east-1<\/Region>/);
    const sqsRefusal = await refusalOf(await callApi(mayfly, { ...requests.sqs, region: 'eu-west-1' }));
    assert.deepEqual([sqsRefusal.status, sqsRefusal.code], [403, 'InvalidSignatureException']);
  });

  test('another body than the signed one is refused, and nothing of it is kept', async () => {
    const put = { method: 'PUT', target: '/kept/object', service: 's3', body: 'as signed' };
    const altered = await refusalOf(await sendApi(mayfly, { ...put, body: 'as alter' }, signedHeaders(mayfly, put)));
    // S3's own status. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    assert.deepEqual([altered.status, altered.code], [400, 'XAmzContentSHA256Mismatch']);
    await unchanged();

    const create = {
      ...requests.sqs,
      headers: { ...requests.sqs.headers, 'x-amz-target': 'AmazonSQS.CreateQueue' },
      body: '{"QueueName":"signed"}',
    };
    const sqsAltered = await sendApi(
      mayfly,
      { ...create, body: '{"QueueName":"altered"}' },
      signedHeaders(mayfly, create),
    );
    assert.ok([400, 403].includes(sqsAltered.status), await sqsAltered.text());
    const { queues } = (await (await callApi(mayfly, { target: '/_mayfly/queues', service: 'mayfly' })).json()) as {
      queues: unknown[];
    };
    assert.deepEqual(queues, []);

    const deployment = { application: 'signed', functions: [], buckets: [{ name: 'altered' }], queues: [] };
    const post = {
      method: 'POST',
      target: '/_mayfly/deployments',
      service: 'mayfly',
      body: JSON.stringify(deployment),
    };
    const headers = signedHeaders(mayfly, { ...post, body: post.body.replace('"altered"', '"asigned"') });
    const controlAltered = await refusalOf(await sendApi(mayfly, post, headers));
    assert.equal(controlAltered.status, 403, controlAltered.text);
    assert.equal((await callApi(mayfly, { target: '/altered?location', service: 's3' })).status, 404);
  });

  test('a presigned URL works until it expires, for what it was made for', async () => {
    const command = new GetObjectCommand({ Bucket: 'kept', Key: 'object' });
    const url = await getSignedUrl(s3, command, { expiresIn: 60 });
    assert.equal(await (await fetch(url)).text(), 'original');

    const old = await getSignedUrl(s3, command, { expiresIn: 60, signingDate: new Date(Date.now() - 2 * minuteMs) });
    const expired = await refusalOf(await fetch(old));
    assert.deepEqual([expired.status, expired.code], [403, 'AccessDenied']);
    assert.match(expired.text, /Request has expired/);

    const tampered = [url.replace('/object', '/other'), url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000')];
    for (const wrong of tampered) {
      assert.notEqual(wrong, url);
      const refusal = await refusalOf(await fetch(wrong));
      assert.deepEqual([refusal.status, refusal.code], [403, 'SignatureDoesNotMatch']);
    }
    const removing = await refusalOf(await fetch(url, { method: 'DELETE' }));
    assert.deepEqual([removing.status, removing.code], [403, 'SignatureDoesNotMatch']);
    await unchanged();
  });

  test('no header makes an unsigned request trusted', async () => {
    for (const headers of [
      { 'x-forwarded-for': '127.0.0.1' },
      { authorization: 'Bearer administrator' },
      { authorization: 'AWS4-HMAC-SHA256' },
      { 'x-amz-security-token': 'x' },
    ]) {
      const response = await sendApi(mayfly, requests.s3, headers);
      assert.ok([400, 403].includes(response.status), `${JSON.stringify(headers)}: ${response.status}`);
      assert.doesNotMatch(await response.text(), /original/);
    }
  });

  test('only the health check needs no signature', async () => {
    assert.equal((await fetch(`${mayfly.api}/_mayfly/health`)).status, 200);
    for (const path of ['platform', 'functions', 'bill', 'metrics', 'doctor', 'invocations', 'nothing', '']) {
      assert.equal((await fetch(`${mayfly.api}/_mayfly/${path}`)).status, 403, path);
    }
  });

  test('there is no reset in serve, not even for the administrator', async () => {
    const response = await callApi(mayfly, { method: 'POST', target: '/_mayfly/reset', service: 'mayfly' });
    assert.notEqual(response.status, 200);
    await unchanged();
  });
});

describe('dev', () => {
  let mayfly: StartedMayfly;
  let project: string;
  const guessed = { accessKeyId: 'test', secretAccessKey: 'test' };

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'mayfly-signatures-'));
    for (const name of ['mayfly.yaml', 'probe.py', 'probe.mjs'])
      await cp(join(import.meta.dirname, '../harness/probe', name), join(project, name));
    mayfly = await startMayfly({ devProject: project, flags: ['--listen', '0.0.0.0'] });
    await eventually('the deployment', 60_000, async () => {
      const { functions } = (await (await fetch(`${mayfly.api}/_mayfly/functions`)).json()) as { functions: unknown[] };
      return functions.length > 0 || undefined;
    });
  });

  after(async () => {
    await mayfly[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  for (const door of doors) {
    test(`${door}: any signature from loopback is accepted, and none`, async () => {
      const request: ApiRequest = door === 's3' ? { ...requests.s3, target: '/mine?list-type=2' } : requests[door];
      assert.equal((await callApi(mayfly, { ...request, credentials: guessed })).status, 200);
      assert.equal((await callApi(mayfly, { ...request, credentials: guessed, skewMs: 60 * minuteMs })).status, 200);
      assert.equal((await sendApi(mayfly, request, { ...request.headers })).status, 200);
    });
  }

  const elsewhere = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

  test(
    'from any other address a signature must be right',
    { skip: elsewhere === undefined && 'this host has no address but loopback' },
    async () => {
      const there = { ...mayfly, api: mayfly.api.replace('127.0.0.1', elsewhere ?? '') };
      for (const door of doors) {
        const request: ApiRequest = door === 's3' ? { ...requests.s3, target: '/mine?list-type=2' } : requests[door];
        assert.equal((await sendApi(there, request, { ...request.headers })).status, 403, door);
        assert.equal((await callApi(there, { ...request, credentials: guessed })).status, 403, door);
        assert.equal((await callApi(there, request)).status, 200, door);
      }
    },
  );

  test('from inside an environment a signature must be right, and its own', async () => {
    const code = `guess = {"key": "test", "secret": "test"}
account = {"key": "000000000000", "secret": "test"}
tell(unsigned=send("GET", "/theirs?list-type=2")["status"], guessed=signed("GET", "/theirs?list-type=2", credentials=guess)["status"],
     account=signed("GET", "/theirs?list-type=2", credentials=account)["status"], own=signed("GET", "/mine?list-type=2")["status"], theirs=signed("GET", "/theirs?list-type=2")["status"],
     control=send("GET", "/_mayfly/functions", {"host": "localhost"})["status"], reset=send("POST", "/_mayfly/reset")["status"])`;
    const { payload } = await invokeFunction(mayfly, 'probe', { code });
    assert.deepEqual(payload, {
      unsigned: 403,
      guessed: 403,
      account: 403,
      own: 200,
      theirs: 403,
      control: 403,
      reset: 403,
    });
  });

  test('a web page elsewhere cannot use the developer’s browser for it', async () => {
    assert.equal(await statusWith({ 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await statusWith({ host: 'rebound.example:4566' }), 403);
    assert.equal(await statusWith({ host: 'localhost:4566' }), 200);
    const form = { 'content-type': 'multipart/form-data; boundary=x' };
    const part = (name: string, value: string): string =>
      `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const upload = `${part('key', 'by-a-form')}${part('file', 'x')}--x--\r\n`;
    assert.equal(await statusWith({ ...form, 'sec-fetch-site': 'cross-site' }, '/mine', upload), 403);
    assert.equal(await statusWith({ ...form, host: 'rebound.example:4566' }, '/mine', upload), 403);
    assert.equal(await statusWith(form, '/mine', upload), 204);
  });

  /** fetch would not send these headers. */
  const statusWith = (
    headers: Record<string, string>,
    target = '/_mayfly/functions',
    body?: string,
  ): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const outgoing = httpRequest(`${mayfly.api}${target}`, { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
});
