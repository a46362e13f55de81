/** A real process sandbox for tests of runtimes: functions from source text, environments that are stopped with it. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LoggingSettings } from '../../src/registry/function.ts';
import type { RuntimeName } from '../../src/util/runtime-names.ts';
import { externalExtensions } from '../../src/sandbox/external-extensions.ts';
import { openIsolation } from '../../src/sandbox/process/isolation/isolation.ts';
import { openProcessSandbox } from '../../src/sandbox/process/process-sandbox.ts';
import type {
  BootSpec,
  Environment,
  InitOutcome,
  InitSpec,
  InvokeOutcome,
  InvokeRequest,
  OutputLine,
  Sandbox,
  SandboxEvents,
  Template,
} from '../../src/sandbox/sandbox.ts';
import { systemClock } from '../../src/util/clock.ts';
import type { EnvironmentId, RequestId } from '../../src/util/ids.ts';
import { resolvedFunction } from './resolved.ts';

export const projectRoot = join(import.meta.dirname, '../..');

/** Generous: these tests share a small machine. */
const timeoutMs = 20_000;

type FunctionSource = {
  runtime: RuntimeName;
  /** Default: `index.handler`. */
  handler?: string;
  files: Readonly<Record<string, string | Uint8Array>>;
  /** What is at /opt. */
  layers?: Readonly<Record<string, string | Uint8Array>>;
  variables?: Readonly<Record<string, string>>;
  memoryMb?: number;
  concurrencyPerEnvironment?: number;
  logging?: LoggingSettings;
  network?: 'internet' | 'none';
  /** See `InitSpec`. With a template, its files are given by `bundle`. */
  forTemplate?: InitSpec['forTemplate'];
  template?: Template;
  /** See `BootSpec`. */
  memory?: BootSpec['memory'];
  /** The template is loaded before it is initialised, or, where there is none of a process, the code read; called when that is done. */
  ahead?: (environment: Environment, lines: readonly OutputLine[]) => Promise<void>;
  /** What they were when its code was read; default: `variables`. */
  aheadVariables?: Readonly<Record<string, string>>;
  /** Called when its initialisation has begun. */
  booted?: (environment: Environment) => void;
  /** A bundle that is already there: of an earlier `Tried`. */
  bundle?: string;
};

export type Tried = {
  environment: Environment;
  init: InitOutcome;
  bundle: string;
  lines: OutputLine[];
  invoke(event: unknown, options?: Partial<InvokeRequest>): Promise<InvokeOutcome>;
};

export type TestSandbox = {
  sandbox: Sandbox;
  /** Boots and initialises; the outcome is for the test to look at. */
  start(source: FunctionSource): Promise<Tried>;
  close(): Promise<void>;
};

export async function openTestSandbox(connection: SandboxEvents['connection'] = () => {}): Promise<TestSandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-sandbox-'));
  const isolation = await openIsolation({ folder, clock: systemClock });
  const lines = new Map<EnvironmentId, OutputLine[]>();
  const events: SandboxEvents = { output: (id, line) => void lines.get(id)?.push(line), connection };
  const sandbox = await openProcessSandbox({
    isolation,
    events,
    clock: systemClock,
    projectRoot,
    archivesFolder: join(folder, 'archives'),
  });
  let count = 0;

  async function start({
    runtime,
    handler = 'index.handler',
    files,
    layers,
    variables = {},
    memoryMb = 256,
    concurrencyPerEnvironment,
    logging,
    network = 'none',
    forTemplate,
    template,
    memory,
    bundle,
    ahead,
    aheadVariables = variables,
    booted,
  }: FunctionSource): Promise<Tried> {
    const bundlePath = bundle ?? join(folder, `bundle-${count++}`);
    if (bundle === undefined) await writeAll(bundlePath, files);
    const layersPath = `${bundlePath}-layers`;
    if (layers !== undefined) await writeAll(layersPath, layers);
    const places = { bundlePath, ...(layers === undefined ? {} : { layersPath }) };
    const id = `environment-${count++}` as EnvironmentId;
    const own: OutputLine[] = [];
    lines.set(id, own);
    const archive = template?.kind === 'archive' ? { template } : {};
    const code = sandbox.bootsWithoutCode && archive.template === undefined ? {} : places;
    const extensions = layers === undefined ? [] : await externalExtensions(layersPath);
    const boot = { id, runtime, network, ephemeralMb: 512, memoryMb, extensions, ...(memory && { memory }) } as const;
    const recording = forTemplate === undefined ? {} : { forTemplate: true as const };
    const environment = await sandbox.start({ ...boot, ...code, ...recording, ...archive });
    const { version } = resolvedFunction('tried', {
      runtime,
      handler,
      memoryMb,
      ...(logging && { logging }),
      ...(concurrencyPerEnvironment && { concurrencyPerEnvironment }),
    });
    const from = { ...(forTemplate && { forTemplate }), ...(template && template.kind !== 'archive' && { template }) };
    if (ahead !== undefined) {
      const code = { version, ...places, variables: aheadVariables, ...from };
      if (template === undefined || template.kind === 'compiled') await environment.readAhead(code);
      else await environment.loadAhead({ template, ...places });
      await ahead(environment, own);
    }
    const initialising = environment.init({ version, ...places, variables, timeoutMs, ...from });
    booted?.(environment);
    const init = await initialising;
    const invoke: Tried['invoke'] = (event, options) =>
      environment.invoke({
        requestId: `request-${count++}` as RequestId,
        invokedFunctionArn: version.arn,
        event: Buffer.from(JSON.stringify(event)),
        deadlineMs: Date.now() + timeoutMs,
        timeoutMs,
        traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793',
        ...options,
      });
    return { environment, init, lines: own, invoke, bundle: bundlePath };
  }

  return {
    sandbox,
    start,
    async close() {
      await sandbox[Symbol.asyncDispose]();
      await isolation[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeAll(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: 0o755 });
  }
}

/** The answer, which must be one. */
export function answerOf(outcome: InvokeOutcome): unknown {
  assert.equal(outcome.status, 'response', JSON.stringify(outcome));
  return JSON.parse(Buffer.from((outcome as Extract<InvokeOutcome, { status: 'response' }>).payload).toString());
}

/** The error, which must be one. */
export function errorOf(outcome: InvokeOutcome | InitOutcome): Extract<InvokeOutcome, { status: 'error' }>['error'] {
  assert.equal(outcome.status, 'error', JSON.stringify(outcome));
  return (outcome as Extract<InvokeOutcome, { status: 'error' }>).error;
}
