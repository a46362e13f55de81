/** An event of each kind, made by the same code that makes the real ones: its shape cannot differ from theirs. */
import { bucketNotification } from '../events/bucket-notification.ts';
import { queueNotification } from '../events/queue-notification.ts';
import { tableEventRecord } from '../events/table-notification.ts';
import { scheduleNotification } from '../events/schedule-notification.ts';
import { httpEvent, requestTime } from '../gateway/http-event.ts';
import { sequenceAt } from '../resources/stream/sequence.ts';
import { queueSettingsDefault } from '../resources/queue-settings.ts';
import { newCause } from '../util/cause.ts';
import type { AccountId } from '../util/ids.ts';

export const sampleNames = ['http', 'bucket', 'queue', 'table', 'schedule'] as const;

const account = '000000000000' as AccountId;
const region = 'us-east-1';
const id = '5f0c9a4e-8a4b-4c1d-9f57-3d6a2b1c0e9d';

/** Undefined: no such kind. */
export function sampleEvent(kind: string, functionName: string, nowMs: number): unknown {
  switch (kind) {
    case 'http':
      return sampleHttp(functionName, nowMs);
    case 'bucket':
      return sampleBucket(nowMs);
    case 'queue':
      return sampleQueue(nowMs);
    case 'table':
      return sampleTable(nowMs);
    case 'schedule':
      return scheduleNotification({ id, account, region, ruleName: `${functionName}-sample`, dueMs: nowMs });
    default:
      return undefined;
  }
}

function sampleHttp(functionName: string, nowMs: number): unknown {
  const path = `/${functionName}`;
  const query = 'name=Ada';
  const headers = { host: '127.0.0.1:8080', 'user-agent': 'curl/8.0', accept: '*/*' };
  const event = httpEvent({
    request: {
      method: 'GET',
      target: `${path}?${query}`,
      path,
      query,
      headers,
      rawHeaders: Object.entries(headers).flat(),
      body: noBody(),
      remoteAddress: '127.0.0.1',
      signal: new AbortController().signal,
      sendContinue: () => undefined,
    },
    door: { kind: 'route', routeKey: `GET ${path}`, accountId: account, apiId: 'mayfly' },
    requestId: id,
    traceHeader: newCause(nowMs, '0123456789abcdef01234567').traceId,
    timeMs: nowMs,
    time: requestTime(nowMs),
    pathParameters: undefined,
    body: undefined,
  });
  return JSON.parse(event.toString());
}

async function* noBody(): AsyncGenerator<Uint8Array> {}

function sampleBucket(nowMs: number): unknown {
  const event = {
    id,
    account,
    bucket: 'sample-bucket',
    key: 'uploads/photo 1.jpg',
    name: 'ObjectCreated:Put',
    bytes: 1_305_107,
    etag: 'b21b84d653bb07b05b1e6b33684dc11b',
    sequencer: '0C0F6F405D6ED209E1',
    timeMs: nowMs,
    sourceIp: '127.0.0.1',
    principalId: 'AWS:AIDASAMPLE',
    requestId: 'D82B88E5F771F645',
    cause: newCause(nowMs, '0123456789abcdef01234567'),
  } as const;
  return bucketNotification(event, 'sample', region);
}

function sampleQueue(nowMs: number): unknown {
  const queue = {
    account,
    name: 'sample-queue',
    createdMs: nowMs,
    modifiedMs: nowMs,
    settings: queueSettingsDefault,
    topic: 'sample',
  };
  const message = {
    id,
    body: JSON.stringify({ order: 17, customer: 'Ada' }),
    attributes: {},
    senderId: account,
    sentMs: nowMs,
    receipt: 'sample-receipt',
    receives: 1,
    firstReceivedMs: nowMs,
  };
  return queueNotification(queue, [message], region);
}

function sampleTable(nowMs: number): unknown {
  const label = new Date(nowMs).toISOString().slice(0, -1);
  const stream = { account, table: 'sample-table', label, view: 'NEW_AND_OLD_IMAGES' } as const;
  const key = { order: { N: '17' } };
  const change = {
    name: 'MODIFY',
    keys: key,
    before: { ...key, state: { S: 'new' } },
    after: { ...key, state: { S: 'paid' } },
    bytes: 41,
    byExpiry: false,
    cause: newCause(nowMs, '0123456789abcdef01234567'),
  } as const;
  const record = { sequence: sequenceAt(Math.floor(nowMs)), timeMs: nowMs, itemHash: 0, change };
  return { Records: [tableEventRecord(stream, record, region)] };
}
