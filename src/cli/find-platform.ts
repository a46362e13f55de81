/** Which platform a command talks to: the data folder tells, where a running platform has left its address. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../util/errors.ts';
import { isAlive } from '../util/is-alive.ts';
import type { World } from './command.ts';

/** On this machine, found by its data folder. */
export type FoundPlatform = {
  dataFolder: string;
  /** `http://127.0.0.1:4566` */
  apiUrl: string;
  httpUrl: string;
  pid: number;
  mode: 'serve' | 'dev';
};

/** `{ apiPort, httpPort, listen, pid, mode }`: there from when the platform accepts requests until it stops. */
const endpointName = 'endpoint.json';
/** `{ pid }`: there while the platform starts. */
const startingName = 'starting.json';

/** `mayfly serve & mayfly deploy` must work: a start takes half a second, on a busy machine several. */
const startLooksMax = 600;
const startLookEachMs = 25;

/** The folder where a platform would be. `given`: of `--data`; `from`: where the search upwards begins. */
function dataFolderOf(world: World, given: string | undefined, from = world.workingFolder): string {
  const named = given ?? nonEmpty(world.environment['MAYFLY_DATA']);
  if (named !== undefined) return resolve(world.workingFolder, named);
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, '.mayfly');
    // One that was killed leaves its word behind, and must not hide the one that runs.
    if (isOfLiving(candidate, endpointName) || isOfLiving(candidate, startingName)) return candidate;
    if (folder === dirname(folder)) return defaultDataFolder(world);
  }
}

export function defaultDataFolder(world: World): string {
  return join(world.homeFolder, '.mayfly');
}

/** Waits for one that is starting. Errors: `unavailable` when none runs, with what to do. */
export async function findPlatform(world: World, given: string | undefined, from?: string): Promise<FoundPlatform> {
  const dataFolder = dataFolderOf(world, given, from);
  for (let looks = 0; isOfLiving(dataFolder, startingName) && looks < startLooksMax; looks++)
    await delay(startLookEachMs);
  const file = join(dataFolder, endpointName);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PlatformError('unavailable', notRunning(dataFolder), { cause });
  }
  const platform = parseEndpoint(text, dataFolder);
  if (platform === undefined)
    throw new PlatformError(
      'unavailable',
      `${file} does not say where the platform is; remove it and start the platform again.`,
    );
  return platform;
}

/** Whether the file is there, and the process that it names. */
function isOfLiving(dataFolder: string, name: string): boolean {
  try {
    const { pid } = JSON.parse(readFileSync(join(dataFolder, name), 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' && isAlive(pid);
  } catch {
    return false;
  }
}

export function notRunning(dataFolder: string): string {
  return `No platform runs with the data folder ${dataFolder}. Start one with mayfly dev or mayfly serve, or name another with --data DIR.`;
}

function parseEndpoint(text: string, dataFolder: string): FoundPlatform | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { apiPort, httpPort, listen, pid, mode } = value as Record<string, unknown>;
  if (typeof apiPort !== 'number' || typeof httpPort !== 'number' || typeof pid !== 'number') return undefined;
  const host = hostOf(typeof listen === 'string' ? listen : '127.0.0.1');
  return {
    dataFolder,
    apiUrl: `http://${host}:${apiPort}`,
    httpUrl: `http://${host}:${httpPort}`,
    pid,
    mode: mode === 'dev' ? 'dev' : 'serve',
  };
}

/** Who listens everywhere is reached on loopback. */
export function hostOf(listen: string): string {
  if (listen === '0.0.0.0' || listen === '') return '127.0.0.1';
  if (listen === '::') return '[::1]';
  return listen.includes(':') ? `[${listen}]` : listen;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
