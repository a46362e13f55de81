/**
 * The master key: 32 bytes under which everything else that is secret is sealed. It lies in the data folder, or comes from
 * outside it: a file, the environment, or what a command prints (a key service, a hardware module, a password manager).
 */
import { execFile } from 'node:child_process';
import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../util/errors.ts';
import type { Ids } from '../util/ids.ts';
import { readOrCreatePrivateFile, readPrivateFile } from './private-file.ts';

export type MasterKeySource =
  /** `DIR/master.key`, made at the first start. */
  | { kind: 'folder' }
  | { kind: 'file'; path: string }
  /** `text`: what the variable has. */
  | { kind: 'environment'; text: string }
  /** Given to /bin/sh; it prints the key. */
  | { kind: 'command'; command: string };

const masterKeyVariable = 'MAYFLY_MASTER_KEY';
const fileName = 'master.key';
const bytes = 32;
/** A command may ask a service somewhere, or wait for a finger on a token. */
const commandMsMax = 60_000;
const printedBytesMax = 64 * 1024;

export const masterKeyPath = (dataFolder: string): string => path.join(dataFolder, fileName);

/** For people. */
export function describeSource(source: MasterKeySource, dataFolder: string): string {
  switch (source.kind) {
    case 'folder':
      return masterKeyPath(dataFolder);
    case 'file':
      return source.path;
    case 'environment':
      return `the variable ${masterKeyVariable}`;
    case 'command':
      return `the command ${source.command}`;
  }
}

/** Undefined: of the folder, and it has none yet. Errors: `permission_denied`, `invalid_argument`, `unavailable`; none of them repeats the key. */
export async function readMasterKey(source: MasterKeySource, dataFolder: string): Promise<Buffer | undefined> {
  const where = describeSource(source, dataFolder);
  switch (source.kind) {
    case 'folder': {
      const text = await readPrivateFile(masterKeyPath(dataFolder));
      return text === undefined ? undefined : parseMasterKey(text, where);
    }
    case 'file': {
      const text = await readPrivateFile(source.path);
      if (text === undefined) throw new PlatformError('invalid_argument', `there is no master key at ${where}`);
      return parseMasterKey(text, where);
    }
    case 'environment':
      return parseMasterKey(source.text, where);
    case 'command':
      return parseMasterKey(await printedBy(source.command), where);
  }
}

export const newMasterKey = (ids: Ids): Buffer => Buffer.from(ids.hex(bytes), 'hex');

/** Whoever makes it first, makes it. */
export async function createMasterKey(dataFolder: string, ids: Ids): Promise<Buffer> {
  const file = masterKeyPath(dataFolder);
  const text = await readOrCreatePrivateFile(file, () => masterKeyText(newMasterKey(ids)), ids.hex(8));
  return parseMasterKey(text, file);
}

export const masterKeyText = (key: Buffer): string => `${key.toString('hex')}\n`;

/** 64 hex digits, or base64. */
export function parseMasterKey(text: string, where: string): Buffer {
  const plain = text.trim();
  const key = /^[0-9a-fA-F]{64}$/.test(plain)
    ? Buffer.from(plain, 'hex')
    : /^[A-Za-z0-9+/_-]{43}=?$/.test(plain)
      ? Buffer.from(plain, 'base64')
      : undefined;
  if (key?.length === bytes) return key;
  throw new PlatformError(
    'invalid_argument',
    `${where} must give a master key of ${bytes} bytes: ${bytes * 2} hex digits, or base64 (openssl rand -hex ${bytes} makes one)`,
    { field: where },
  );
}

/** What it printed goes nowhere else, whatever comes of it. */
async function printedBy(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: commandMsMax, maxBuffer: printedBytesMax, killSignal: 'SIGKILL' } as const;
    execFile('/bin/sh', ['-c', command], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else {
        const how = error.killed === true ? `did not end within ${commandMsMax / 1000} s` : `ended with ${error.code}`;
        const said = stderr.trim().slice(-500);
        reject(
          new PlatformError(
            'unavailable',
            `the command for the master key, ${command}, ${how}${said === '' ? '' : `: ${said}`}`,
          ),
        );
      }
    });
  });
}

/** Absent is as good as removed. */
export async function removeFile(file: string): Promise<void> {
  await unlink(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
