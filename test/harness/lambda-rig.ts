/** A platform, the official SDK's client for its Lambda, and functions made through it from code in a string. */
import { request, type RequestOptions } from 'node:http';
import type { LookupFunction } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  type CreateFunctionCommandInput,
  type InvokeCommandInput,
} from '@aws-sdk/client-lambda';
import { ZipFile } from 'yazl';
import { awsClient } from './aws-client.ts';
import { startMayfly, type StartedMayfly, type StartOptions } from './start-mayfly.ts';

export type LambdaRig = AsyncDisposable & {
  mayfly: StartedMayfly;
  lambda: LambdaClient;
  /** Makes a function and waits until it is active. `more` overrides Node.js, 256 MB and 10 s. */
  make(name: string, files: Files, more?: Partial<CreateFunctionCommandInput>): Promise<void>;
  /** Calls it, and reads its answer. */
  ask(name: string, event?: unknown, more?: Partial<InvokeCommandInput>): Promise<Answer>;
  /** Until an update has been taken up. */
  updated(name: string): Promise<void>;
};

/** By path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export type Answer = {
  status: number | undefined;
  functionError: string | undefined;
  version: string | undefined;
  payload: unknown;
  /** Of `LogType: 'Tail'`. */
  log: string;
};

export const role = 'arn:aws:iam::000000000000:role/any';
export const runtime = 'nodejs24.x' as const;
export const arnOf = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** Says `hello` with what it was sent. */
export const echo = { 'index.mjs': 'export const handler = async (event) => ({ hello: event });\n' };

const waitSMax = 30;

export async function openLambdaRig(options: StartOptions = {}): Promise<LambdaRig> {
  const mayfly = await startMayfly(options);
  const lambda = new LambdaClient(awsClient(mayfly));
  // What is waited for here takes milliseconds.
  const waiter = { client: lambda, minDelay: 0.02, maxDelay: 0.5, maxWaitTime: waitSMax };
  return {
    mayfly,
    lambda,
    async make(FunctionName, files, more = {}) {
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Runtime: runtime,
          Handler: 'index.handler',
          Role: role,
          MemorySize: 256,
          Timeout: 10,
          Code: { ZipFile: await zipOf(files) },
          ...more,
        }),
      );
      await waitUntilFunctionActiveV2(waiter, { FunctionName });
    },
    async ask(FunctionName, event = {}, more = {}) {
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)), ...more }),
      );
      const payload = answer.Payload?.transformToString() ?? '';
      return {
        status: answer.StatusCode,
        functionError: answer.FunctionError,
        version: answer.ExecutedVersion,
        payload: payload === '' ? undefined : (JSON.parse(payload) as unknown),
        log: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
      };
    },
    async updated(FunctionName) {
      await waitUntilFunctionUpdatedV2(waiter, { FunctionName });
    },
    async [Symbol.asyncDispose]() {
      lambda.destroy();
      await mayfly[Symbol.asyncDispose]();
    },
  };
}

/** Asks a function URL. Its host is a name under `localhost`, which browsers and curl know the address of, and Node.js does not. */
export function fetchUrl(url: string, options: RequestOptions = {}): Promise<{ status: number; text: string }> {
  const lookup: LookupFunction = (_host, { all }, done) =>
    all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, lookup }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, text: body }), reject);
    });
    sent.once('error', reject).end();
  });
}

export async function zipOf(files: Files): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, text] of Object.entries(files))
    zip.addBuffer(typeof text === 'string' ? Buffer.from(text) : Buffer.from(text), path, { mode: 0o100755 });
  zip.end();
  return buffer(zip.outputStream);
}
