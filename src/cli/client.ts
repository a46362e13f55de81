/** The control API, as a command calls it: HTTP on one kept connection, signed with the administrator's credentials. */
import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text as readText } from 'node:stream/consumers';
import { credentialsFileName, parseCredentials } from '../identity/credentials.ts';
import { signRequest, type Credentials } from '../identity/sign.ts';
import type { Clock } from '../util/clock.ts';
import { profileTimeoutMsMax } from '../util/limit-profiles.ts';
import { errorCodes, PlatformError, type ErrorCode } from '../util/errors.ts';
import type { World } from './command.ts';
import { findPlatform, notRunning } from './find-platform.ts';
import { namedPlatform } from './named-platform.ts';

/** The signature's service name, and the region that stands in it: the platform has one region, whatever it is called. */
const signing = { service: 'mayfly', region: 'us-east-1' };

/** The longest that a function may run, and a minute for the way. */
const answerMsMax = profileTimeoutMsMax + 60_000;

export type Call = {
  query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  bytes?: Uint8Array;
  signal?: AbortSignal;
};

/** `dataFolder`: undefined where the platform is named by its address alone. */
export type ClientPlatform = { apiUrl: string; dataFolder: string | undefined; httpUrl?: string };

export class ControlClient implements AsyncDisposable {
  readonly platform: ClientPlatform;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(platform: ClientPlatform, credentials: Credentials, clock: Clock) {
    this.platform = platform;
    this.#credentials = credentials;
    this.#clock = clock;
  }

  /** Parsed JSON; undefined for an empty answer. Errors: as the API answers them, `unavailable` when nobody does. */
  async call(method: string, path: string, call: Call = {}): Promise<unknown> {
    const response = await this.#send(method, path, call);
    const body = await readText(response);
    const value = parsed(body);
    if (isSuccess(response)) return value;
    throw errorOf(response.statusCode ?? 0, value, body);
  }

  /** Whether there is such a thing: a HEAD that answers 200 or 404. */
  async has(path: string): Promise<boolean> {
    const response = await this.#send('HEAD', path, {});
    response.resume();
    if (isSuccess(response)) return true;
    if (response.statusCode === 404) return false;
    throw errorOf(response.statusCode ?? 0, undefined, '');
  }

  /** Each line of an NDJSON answer, parsed, as it comes. Ends when the server does, or `signal` says so. */
  async *lines(path: string, call: Call = {}): AsyncGenerator<unknown> {
    const response = await this.#send('GET', path, call);
    if (!isSuccess(response)) {
      const body = await readText(response);
      throw errorOf(response.statusCode ?? 0, parsed(body), body);
    }
    try {
      for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
        if (line !== '') yield JSON.parse(line);
      }
    } catch (error) {
      if (!(call.signal?.aborted ?? false)) throw error;
    } finally {
      response.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }

  #send(method: string, path: string, { query = {}, json, bytes, signal }: Call): Promise<IncomingMessage> {
    const { apiUrl, dataFolder } = this.platform;
    const url = new URL(`${apiUrl}/_mayfly/${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const body = bytes ?? (json === undefined ? undefined : Buffer.from(JSON.stringify(json)));
    const headers: Record<string, string> = {
      host: url.host,
      ...(body === undefined
        ? {}
        : {
            'content-type': json === undefined ? 'application/octet-stream' : 'application/json',
            'content-length': String(body.byteLength),
          }),
    };
    const signed = signRequest(
      { method, path: url.pathname, query: url.search.slice(1), headers, ...(body === undefined ? {} : { body }) },
      this.#credentials,
      { ...signing, nowMs: this.#clock.now() },
    );
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        url,
        { method, headers: signed, agent: this.#agent, ...(signal === undefined ? {} : { signal }) },
        resolve,
      );
      // What is followed has an end of its own: its signal.
      if (signal === undefined) {
        const message = `The platform at ${apiUrl} has not answered ${method} ${url.pathname} for ${answerMsMax / 60_000} minutes.`;
        outgoing.setTimeout(answerMsMax, () => outgoing.destroy(new PlatformError('timeout', message)));
      }
      outgoing.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(error, apiUrl, dataFolder)));
      outgoing.end(body);
    });
  }
}

/** The platform that MAYFLY_ENDPOINT names; otherwise finds it (`given`: of `--data`), waiting for one that is starting, and its credentials. Errors: `unavailable` when none runs. */
export async function connect(world: World, given: string | undefined, from?: string): Promise<ControlClient> {
  const named = given === undefined ? namedPlatform(world) : undefined;
  if (named !== undefined)
    return new ControlClient({ apiUrl: named.apiUrl, dataFolder: undefined }, named.credentials, world.clock);
  const platform = await findPlatform(world, given, from);
  return new ControlClient(platform, readCredentials(platform.dataFolder), world.clock);
}

export function readCredentials(dataFolder: string): Credentials {
  const file = join(dataFolder, credentialsFileName);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PlatformError(
      'unauthenticated',
      `Cannot read the administrator's credentials, ${file}: ${reasonOf(cause)}.`,
      { cause },
    );
  }
  return parseCredentials(text, file);
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) {
    if (error.code === 'ENOENT') return 'there is no such file';
    if (error.code === 'EACCES') return 'it belongs to somebody else';
    return String(error.code);
  }
  return String(error);
}

function isSuccess(response: IncomingMessage): boolean {
  return response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300;
}

function parsed(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function errorOf(status: number, value: unknown, body: string): PlatformError {
  const error =
    typeof value === 'object' && value !== null && 'error' in value
      ? (value.error as Record<string, unknown>)
      : undefined;
  if (error !== undefined && typeof error['message'] === 'string') {
    const code = String(error['code']);
    const field = typeof error['field'] === 'string' ? { field: error['field'] } : {};
    return new PlatformError(isErrorCode(code) ? code : 'internal', error['message'], field);
  }
  if (status === 404) return new PlatformError('not_found', 'There is no such thing on the platform.');
  if (status === 503) return new PlatformError('unavailable', 'The platform is starting or stopping; try again.');
  return new PlatformError(
    'internal',
    `The platform answered ${status}${body === '' ? '' : `: ${body.slice(0, 500)}`}`,
  );
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

function unreachable(error: NodeJS.ErrnoException, apiUrl: string, dataFolder: string | undefined): Error {
  if (error.name === 'AbortError' || error instanceof PlatformError) return error;
  if (error.code === 'ECONNREFUSED')
    return new PlatformError(
      'unavailable',
      `Nothing answers at ${apiUrl}${dataFolder === undefined ? ', which MAYFLY_ENDPOINT names.' : ` any more. ${notRunning(dataFolder)}`}`,
      {
        cause: error,
      },
    );
  return new PlatformError('unavailable', `The platform at ${apiUrl} broke off: ${error.message}`, { cause: error });
}
