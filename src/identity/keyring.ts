/**
 * The keyring of a data folder: the root keys from which all others are derived, sealed with the master key. The first root
 * is the present one; the others open what has not been sealed anew since.
 *
 * Replacing the master key, each step on disk before the next; whatever ends the platform in between, the next start goes
 * on from there:
 *
 *     1  the new master key lies beside the old one          (of the folder; else whoever gives it keeps it)
 *     2  the keyring has a new root, and is sealed with both master keys
 *     3  the new master key takes the old one's place         (likewise)
 *     4  the keyring is sealed with the new one alone
 *     5  everything that was sealed under the old roots is sealed anew (reseal-records.ts)
 *     6  the keyring has the new root alone
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../util/errors.ts';
import { isObject } from '../util/field.ts';
import type { Ids } from '../util/ids.ts';
import { sealingKeyName } from '../util/sealer.ts';
import {
  createMasterKey,
  describeSource,
  masterKeyPath,
  masterKeyText,
  newMasterKey,
  parseMasterKey,
  readMasterKey,
  removeFile,
  type MasterKeySource,
} from './master-key.ts';
import { readOrCreatePrivateFile, readPrivateFile } from './private-file.ts';

export type RootKeys = readonly [Buffer, ...Buffer[]];

type Box = { masterKey: string; sealed: string };
/** `boxes`: the same roots, under each master key that may open them. `retiring`: the name of the one that is to go. */
type KeyringFile = { boxes: readonly Box[]; retiring?: string; changedMs: number };

export type KeyringReport = {
  /** Where the master key is from, for people. */
  source: string;
  /** Which one it is: says nothing of it. */
  masterKey: string;
  changedMs: number;
  /** Roots that still open something. */
  roots: number;
  /** The name of a master key that opens the keyring besides, and is to go. */
  retiring?: string;
};

const fileName = 'keyring';
const cipherName = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const rootBytes = 32;
const aad = Buffer.from('mayfly keyring');

type Parts = { dataFolder: string; source: MasterKeySource; ids: Ids; nowMs: () => number };

export class Keyring {
  readonly #parts: Parts;
  #masterKey: Buffer;
  #roots: RootKeys;
  #file: KeyringFile;

  private constructor(parts: Parts, masterKey: Buffer, roots: RootKeys, file: KeyringFile) {
    this.#parts = parts;
    this.#masterKey = masterKey;
    this.#roots = roots;
    this.#file = file;
  }

  /**
   * Changes nothing that is there; call `settle` once the folder is this platform's alone. Errors: `permission_denied` for a
   * master key that is not this folder's, before anything is written.
   */
  static async open(parts: Parts): Promise<Keyring> {
    const { dataFolder, source } = parts;
    const present = await readKeyring(dataFolder);
    const given = await readMasterKey(source, dataFolder);
    if (present === undefined) return Keyring.#create(parts, given);
    const place = describeSource(source, dataFolder);
    if (given === undefined)
      throw new PlatformError(
        'permission_denied',
        `${place} is missing, and without it nothing that is secret in ${dataFolder} can be read: put the master key ${namesOf(present)} back there, or give it by --master-key-file, --master-key-command or MAYFLY_MASTER_KEY`,
      );
    const roots = openBoxes(present, given);
    if (roots === undefined)
      throw new PlatformError(
        'permission_denied',
        `${place} gives the master key ${sealingKeyName(given)}, but ${dataFolder} is sealed with ${namesOf(present)}: nothing was changed; give that one`,
      );
    return new Keyring(parts, given, roots, present);
  }

  static async #create(parts: Parts, given: Buffer | undefined): Promise<Keyring> {
    const { dataFolder, source, ids } = parts;
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    const masterKey = given ?? (await createMasterKey(dataFolder, ids));
    const roots = await firstRoots(parts, given);
    const made: KeyringFile = { boxes: [seal(masterKey, roots, ids)], changedMs: parts.nowMs() };
    // Of two platforms that start at once in one folder, one makes it; the other will be told that the folder is taken.
    const text = await readOrCreatePrivateFile(keyringPath(dataFolder), () => textOf(made), ids.hex(8));
    const file = parse(text);
    const opened = file === undefined ? undefined : openBoxes(file, masterKey);
    if (file === undefined || opened === undefined)
      throw new PlatformError('permission_denied', `${keyringPath(dataFolder)} was made with another master key`);
    await removeFile(olderKeyPath(dataFolder));
    if (source.kind !== 'folder') await removeFile(masterKeyPath(dataFolder));
    return new Keyring(parts, masterKey, opened, file);
  }

  /** The first is the present one. */
  get roots(): RootKeys {
    return this.#roots;
  }

  report(): KeyringReport {
    const { source, dataFolder } = this.#parts;
    const { retiring, changedMs } = this.#file;
    return {
      source: describeSource(source, dataFolder),
      masterKey: sealingKeyName(this.#masterKey),
      changedMs,
      roots: this.#roots.length,
      ...(retiring !== undefined && { retiring }),
    };
  }

  /**
   * Steps 1 to 4. `newSource`: where the new key is; absent: made here, in the data folder. Where it is given, both open the
   * folder until the platform is started with the new one; a new one that it was not started with yet is forgotten. Errors:
   * `invalid_argument` where one has to be given, and for one that cannot be read or is the present one.
   */
  async rotate(newSource: MasterKeySource | undefined): Promise<void> {
    const { dataFolder, source, ids } = this.#parts;
    if (source.kind !== 'folder' && newSource === undefined)
      throw new PlatformError(
        'invalid_argument',
        `the master key comes from ${describeSource(source, dataFolder)}: give a file with the new one (mayfly keys rotate --to FILE)`,
        { field: 'newKeyFile' },
      );
    const next = newSource === undefined ? newMasterKey(ids) : await readMasterKey(newSource, dataFolder);
    if (next === undefined || next.equals(this.#masterKey))
      throw new PlatformError('invalid_argument', 'the new master key is the present one', { field: 'newKeyFile' });
    if (newSource === undefined) await writePrivate(newKeyPath(dataFolder), masterKeyText(next), ids);
    const roots: RootKeys = [Buffer.from(ids.hex(rootBytes), 'hex'), ...this.#roots];
    await this.#write({
      boxes: [seal(next, roots, ids), seal(this.#masterKey, roots, ids)],
      retiring: sealingKeyName(this.#masterKey),
      changedMs: this.#parts.nowMs(),
    });
    this.#roots = roots;
    if (newSource === undefined) await this.settle();
  }

  /** Step 6: nothing is sealed under the others any more. */
  async dropOlderRoots(): Promise<void> {
    if (this.#roots.length === 1) return;
    const roots: RootKeys = [this.#roots[0]];
    const { ids } = this.#parts;
    // For the other master key it could not be sealed: it stays as it is until that one is gone.
    if (this.#file.boxes.length > 1) return;
    await this.#write({ boxes: [seal(this.#masterKey, roots, ids)], changedMs: this.#file.changedMs });
    this.#roots = roots;
  }

  /** Steps 3 and 4, or what a rotation that was broken off has left of them. */
  async settle(): Promise<void> {
    const { dataFolder, source } = this.#parts;
    if (source.kind === 'folder') await this.#takeNewKey();
    const name = sealingKeyName(this.#masterKey);
    const { retiring, boxes, changedMs } = this.#file;
    // Opened with the new one: the other has had its time.
    if (boxes.length > 1 && retiring !== name)
      await this.#write({ boxes: boxes.filter(({ masterKey }) => masterKey === name), changedMs });
    await removeFile(newKeyPath(dataFolder));
    if (source.kind !== 'folder' && this.#file.boxes.length === 1) await removeFile(masterKeyPath(dataFolder));
  }

  /** Between the steps 2 and 3, or before 2: then it is of no use. */
  async #takeNewKey(): Promise<void> {
    const { dataFolder } = this.#parts;
    const text = await readPrivateFile(newKeyPath(dataFolder));
    if (text === undefined) return;
    const next = Buffer.from(text.trim(), 'hex');
    if (openBoxes(this.#file, next) === undefined || next.equals(this.#masterKey)) return;
    await rename(newKeyPath(dataFolder), masterKeyPath(dataFolder));
    await syncFolder(dataFolder);
    this.#masterKey = next;
  }

  async #write(file: KeyringFile): Promise<void> {
    await writeKeyring(this.#parts.dataFolder, file, this.#parts.ids);
    this.#file = file;
  }
}

const keyringPath = (dataFolder: string): string => path.join(dataFolder, fileName);
const newKeyPath = (dataFolder: string): string => `${masterKeyPath(dataFolder)}.new`;
/** The one before, in folders from before there were keyrings. */
const olderKeyPath = (dataFolder: string): string => `${masterKeyPath(dataFolder)}.old`;

/** In a folder from before there were keyrings, the master key was the root itself. */
async function firstRoots({ dataFolder, source, ids }: Parts, given: Buffer | undefined): Promise<RootKeys> {
  const olderText = await readPrivateFile(olderKeyPath(dataFolder));
  const older = olderText === undefined ? [] : [parseMasterKey(olderText, olderKeyPath(dataFolder))];
  if (source.kind === 'folder' && given !== undefined) return [given, ...older];
  const ofFolder = source.kind === 'folder' ? undefined : await readMasterKey({ kind: 'folder' }, dataFolder);
  return [Buffer.from(ids.hex(rootBytes), 'hex'), ...(ofFolder === undefined ? [] : [ofFolder]), ...older];
}

const namesOf = ({ boxes }: KeyringFile): string => boxes.map(({ masterKey }) => masterKey).join(' or ');

function seal(masterKey: Buffer, roots: RootKeys, ids: Ids): Box {
  const nonce = Buffer.from(ids.hex(nonceBytes), 'hex');
  const cipher = createCipheriv(cipherName, masterKey, nonce).setAAD(aad);
  const sealed = Buffer.concat([nonce, cipher.update(Buffer.concat(roots)), cipher.final(), cipher.getAuthTag()]);
  return { masterKey: sealingKeyName(masterKey), sealed: sealed.toString('base64') };
}

/** Undefined: with another key. */
function openBoxes({ boxes }: KeyringFile, masterKey: Buffer): RootKeys | undefined {
  const name = sealingKeyName(masterKey);
  const box = boxes.find((one) => one.masterKey === name);
  if (box === undefined) return undefined;
  const bytes = Buffer.from(box.sealed, 'base64');
  const decipher = createDecipheriv(cipherName, masterKey, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(aad)
    .setAuthTag(bytes.subarray(-tagBytes));
  const plain = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  const [first, ...others] = Array.from({ length: plain.length / rootBytes }, (_, index) =>
    Buffer.from(plain.subarray(index * rootBytes, (index + 1) * rootBytes)),
  );
  return first === undefined ? undefined : [first, ...others];
}

async function readKeyring(dataFolder: string): Promise<KeyringFile | undefined> {
  const file = keyringPath(dataFolder);
  const text = await readPrivateFile(file);
  if (text === undefined) return undefined;
  const read = parse(text);
  if (read === undefined)
    throw new PlatformError('invalid_argument', `${file} is no keyring: put it back from a backup`, { field: file });
  return read;
}

function parse(text: string): KeyringFile | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || !Array.isArray(value['boxes']) || typeof value['changedMs'] !== 'number') return undefined;
    const boxes = value['boxes'].filter(
      (box): box is Box => isObject(box) && typeof box['masterKey'] === 'string' && typeof box['sealed'] === 'string',
    );
    const { retiring, changedMs } = value;
    if (boxes.length === 0) return undefined;
    return { boxes, changedMs, ...(typeof retiring === 'string' && { retiring }) };
  } catch {
    return undefined;
  }
}

const textOf = (file: KeyringFile): string => `${JSON.stringify(file)}\n`;

const writeKeyring = (dataFolder: string, file: KeyringFile, ids: Ids): Promise<void> =>
  writePrivate(keyringPath(dataFolder), textOf(file), ids);

/** Whole or not at all, in the place of what is there. */
async function writePrivate(file: string, text: string, ids: Ids): Promise<void> {
  const temporary = `${file}.${ids.hex(8)}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
