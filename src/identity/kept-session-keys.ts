/**
 * The keys that sessions were made with before the root key was replaced: a session is good until it ends, and does not end
 * because the platform was started with another master key. Kept sealed, and for as long as the longest session lasts.
 */
import type { Records } from '../store/records.ts';
import type { Sealer } from '../util/sealer.ts';
import { sessionKeysOf, type OlderSessionKeys, type SessionKeys } from './temporary-credentials.ts';

/** `sealed`: both keys, in base64. `fromMs`: since when sessions are made with them. */
type Kept = { sealed: string; fromMs: number };

const key = 'session-keys';
const purpose = 'keys of sessions';
const keyBytes = 32;
/** The longest session. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
const sessionMsMax = 36 * 3_600_000;

/** Notes that sessions are made with `root` from now on. Answers the keys of before whose sessions may still be good. */
export async function keepSessionKeys(parts: {
  records: Records;
  sealer: Sealer;
  root: Buffer;
  nowMs: number;
}): Promise<OlderSessionKeys[]> {
  const { records, sealer, root, nowMs } = parts;
  const present = textOf(sessionKeysOf(root));
  const entry = await records.get(key);
  const kept = (entry?.value ?? []) as readonly Kept[];
  const opened = kept.map(({ sealed, fromMs }) => ({ sealed, fromMs, text: sealer.open(sealed, purpose) }));
  const isNoted = opened.at(-1)?.text === present;
  const all = isNoted ? opened : [...opened, { sealed: sealer.seal(present, purpose), fromMs: nowMs, text: present }];
  // Those after which others came long ago.
  const good = all.filter((_one, at) => nowMs - (all[at + 1]?.fromMs ?? nowMs) <= sessionMsMax);
  if (!isNoted || good.length < all.length) {
    const value: readonly Kept[] = good.map(({ sealed, fromMs }) => ({ sealed, fromMs }));
    await records.transact([{ kind: 'put', key, value }]);
  }
  return good.flatMap(({ text }, at) => {
    const next = good[at + 1];
    return next === undefined || text === present ? [] : [{ ...keysIn(text), untilMs: next.fromMs + sessionMsMax }];
  });
}

/** Notes that sessions are made with `root` from now on, and that those of before are over: their keys are dropped. */
export async function dropSessionKeys(parts: {
  records: Records;
  sealer: Sealer;
  root: Buffer;
  nowMs: number;
}): Promise<void> {
  const { records, sealer, root, nowMs } = parts;
  const value: readonly Kept[] = [{ sealed: sealer.seal(textOf(sessionKeysOf(root)), purpose), fromMs: nowMs }];
  await records.transact([{ kind: 'put', key, value }]);
}

const textOf = ({ sealing, secret }: SessionKeys): string => Buffer.concat([sealing, secret]).toString('base64');

function keysIn(text: string): SessionKeys {
  const bytes = Buffer.from(text, 'base64');
  return { sealing: bytes.subarray(0, keyBytes), secret: bytes.subarray(keyBytes) };
}
