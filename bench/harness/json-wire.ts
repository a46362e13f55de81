/**
 * A service's JSON protocol on bare sockets, each request signed: the official client would take more of the machine than what
 * is measured. What a client sends again and again it signs once a minute, as a replay within the signature's time.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { signRequest, type Credentials } from '../../src/identity/sign.ts';

export type JsonWire = Disposable & {
  /** One request, answered by its document. Rejects what is no 200. */
  call(operation: string, input: object): Promise<Record<string, unknown>>;
};

/** `target`: what stands before the operation's name. `isOnce`: operations that are never asked for with the same input again. */
export type WireService = { name: string; target: string; isOnce?: RegExp };

export const sqsWire: WireService = { name: 'sqs', target: 'AmazonSQS', isOnce: /^DeleteMessage/ };
export const dynamodbWire: WireService = { name: 'dynamodb', target: 'DynamoDB_20120810' };

const signedAgainMs = 60_000;

export async function openJsonWire(
  endpoint: string,
  credentials: Credentials,
  service: WireService,
): Promise<JsonWire> {
  const { host, hostname, port } = new URL(endpoint);
  let connection = await open(hostname, Number(port));
  const signed = new Map<string, { bytes: string; sinceMs: number }>();

  function bytesOf(operation: string, input: object): string {
    const body = JSON.stringify(input);
    const key = `${operation} ${body}`;
    const known = signed.get(key);
    const nowMs = Date.now();
    if (known !== undefined && nowMs - known.sinceMs < signedAgainMs) return known.bytes;
    const headers = {
      host,
      'x-amz-target': `${service.target}.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
    };
    const all = signRequest({ method: 'POST', path: '/', query: '', headers, body }, credentials, {
      region: 'us-east-1',
      service: service.name,
      nowMs,
    });
    const lines = Object.entries({ ...all, 'content-length': String(Buffer.byteLength(body)) });
    const bytes = `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
    if (service.isOnce?.test(operation) !== true) signed.set(key, { bytes, sinceMs: nowMs });
    return bytes;
  }

  return {
    async call(operation, input) {
      // Moto's server closes after each answer.
      if (connection.isOver()) connection = await open(hostname, Number(port));
      const { status, body } = await connection.ask(bytesOf(operation, input));
      if (status !== 200) throw new Error(`${operation} was answered ${status}: ${body}`);
      return body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
    },
    [Symbol.dispose]: () => connection.close(),
  };
}

type Connection = {
  /** One at a time. */
  ask(bytes: string): Promise<{ status: number; body: string }>;
  /** Whether the server closes it, or has. */
  isOver(): boolean;
  close(): void;
};

async function open(hostname: string, port: number): Promise<Connection> {
  const socket = connect({ host: hostname, port, noDelay: true });
  await once(socket, 'connect');
  let isOver = false;
  let buffered = Buffer.alloc(0);
  let waiting:
    | { resolve: (answer: { status: number; body: string }) => void; reject: (cause: Error) => void }
    | undefined;
  const end = (cause: Error): void => {
    isOver = true;
    waiting?.reject(cause);
    waiting = undefined;
  };
  socket.on('data', (bytes: Buffer) => {
    buffered = buffered.length === 0 ? Buffer.from(bytes) : Buffer.concat([buffered, bytes]);
    const head = headOf(buffered);
    if (head === undefined || buffered.length < head.end + head.length) return;
    const body = buffered.subarray(head.end, head.end + head.length).toString();
    buffered = buffered.subarray(head.end + head.length);
    if (head.closes) isOver = true;
    waiting?.resolve({ status: head.status, body });
    waiting = undefined;
  });
  socket.on('close', () => end(new Error('the connection was closed')));
  socket.on('error', end);
  return {
    ask: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes);
      }),
    isOver: () => isOver,
    close: () => void socket.destroy(),
  };
}

/** Of an answer whose body has a length, as both servers' have. */
function headOf(bytes: Buffer): { status: number; end: number; length: number; closes: boolean } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.subarray(0, end).toString('latin1');
  return {
    status: Number(head.slice(9, 12)),
    end: end + 4,
    length: Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0),
    closes: head.startsWith('HTTP/1.0') || /\r\nconnection: *close/i.test(head),
  };
}
