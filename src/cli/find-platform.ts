/** Which platform a command talks to: the data folder tells, where a running platform has left its address. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PlatformError } from '../util/errors.ts';
import type { World } from './command.ts';

export type FoundPlatform = {
  dataFolder: string;
  /** `http://127.0.0.1:4566` */
  apiUrl: string;
  httpUrl: string;
  pid: number;
  mode: 'serve' | 'dev';
};

const endpointName = 'endpoint.json';

/** The folder where a platform would be. `given`: of `--data`; `from`: where the search upwards begins. */
export function dataFolderOf(world: World, given: string | undefined, from = world.workingFolder): string {
  const named = given ?? nonEmpty(world.environment['MAYFLY_DATA']);
  if (named !== undefined) return resolve(world.workingFolder, named);
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, '.mayfly');
    if (statSync(join(candidate, endpointName), { throwIfNoEntry: false })?.isFile()) return candidate;
    if (folder === dirname(folder)) return defaultDataFolder(world);
  }
}

export function defaultDataFolder(world: World): string {
  return join(world.homeFolder, '.mayfly');
}

/** Errors: `unavailable` when none runs, with what to do. */
export function findPlatform(world: World, given: string | undefined, from?: string): FoundPlatform {
  const dataFolder = dataFolderOf(world, given, from);
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
