import type { Operation } from '../../store/records.ts';
import type { Actor, ObjectAddress } from '../bucket.ts';
import { bucketEventsTopic } from '../bucket-event.ts';
import type { BucketEvent } from '../bucket-event.ts';
import { needBucket, operationAborted, unchanged, untilCommitted } from './core.ts';
import type { Core } from './core.ts';
import { asObject, asParts, objectKey, partsKey } from './records.ts';
import type { Content, ObjectRecord } from './records.ts';
import type { Doomed } from './unowned-blobs.ts';

export type ObjectChange<After extends ObjectRecord | undefined> = {
  /** What the key holds from now on; undefined: nothing. */
  record: After;
  /** What else is to happen in the same transaction. */
  operations?: readonly Operation[];
  /** What no record points at after this, beside the bytes of the object that was there. */
  releases?: Doomed;
  event: BucketEvent['name'];
};

/** Sees what is there now. Refuses by throwing; `undefined`: all is as it should be already. */
type Decide<After extends ObjectRecord | undefined> = (
  current: ObjectRecord | undefined,
  sequencer: string,
) => Promise<ObjectChange<After> | undefined> | ObjectChange<After> | undefined;

/** `change` is undefined when nothing was to be done. */
type Changed<After extends ObjectRecord | undefined> = {
  before: ObjectRecord | undefined;
  change: ObjectChange<After> | undefined;
};

/**
 * The one way in which an object changes: the record, the ownership of bytes and the event, together or not at all.
 * `decide` is asked again when somebody else was quicker.
 */
export async function changeObject<After extends ObjectRecord | undefined>(
  core: Core,
  address: ObjectAddress,
  actor: Actor,
  decide: Decide<After>,
): Promise<Changed<After>> {
  const lock = JSON.stringify([address.account, address.bucket, address.key]);
  return core.inTurn(lock, () => untilCommitted(() => tryChange(core, address, actor, decide)));
}

async function tryChange<After extends ObjectRecord | undefined>(
  core: Core,
  address: ObjectAddress,
  actor: Actor,
  decide: Decide<After>,
): Promise<Changed<After> | undefined> {
  const bucket = await needBucket(core, address);
  if (bucket.record.deleting) throw operationAborted();
  const key = objectKey(bucket.record.id, address.key);
  const entry = await core.records.get(key);
  const before = entry === undefined ? undefined : asObject(entry);
  const sequencer = core.nextSequencer(before?.sequencer);
  const change = await decide(before, sequencer);
  const after = change?.record;
  if (change === undefined || (before === undefined && after === undefined)) return { before, change };

  // A change that keeps the bytes (tags) retires nothing.
  const replaced = before !== undefined && after?.content !== before.content ? before.content : undefined;
  const retired = [
    ...(replaced === undefined ? [] : [await doomedContent(core, replaced)]),
    ...(change.releases === undefined ? [] : [change.releases]),
  ];
  const committed = await core.records.transact([
    unchanged(bucket),
    { kind: 'check', key, revision: entry?.revision ?? 0 },
    after === undefined ? { kind: 'delete', key } : { kind: 'put', key, value: after },
    ...(change.operations ?? []),
    ...(replaced?.kind === 'parts' ? [{ kind: 'delete' as const, key: partsKey(replaced.id) }] : []),
    ...retired.map((doomed) => core.unowned.retired(doomed)),
    ...announce(core, address, actor, change, sequencer),
  ]);
  if (committed.status === 'conflict') return undefined;
  for (const doomed of retired) await core.unowned.remove(doomed);
  return { before, change };
}

/** Lets go of an object's bytes. */
async function doomedContent(core: Core, content: Content): Promise<Doomed> {
  if (content.kind === 'blob') {
    return { id: content.blob.slice(content.blob.lastIndexOf('/') + 1), blobs: [content.blob] };
  }
  const entry = await core.records.get(partsKey(content.id));
  // Not there: somebody else has just replaced the object, and the transaction's check will say so.
  return { id: content.id, blobs: entry === undefined ? [] : asParts(entry).parts.map((part) => part.blob) };
}

function announce(
  core: Core,
  { account, bucket, key }: ObjectAddress,
  actor: Actor,
  { event: name, record }: ObjectChange<ObjectRecord | undefined>,
  sequencer: string,
): Operation[] {
  if (!core.wantsEvents(account, bucket, name)) return [];
  const event: BucketEvent = {
    id: core.ids.uuid(),
    account,
    bucket,
    key,
    name,
    ...(record === undefined ? {} : { bytes: record.bytes, etag: record.etag }),
    sequencer,
    timeMs: core.clock.now(),
    ...actor,
  };
  return [{ kind: 'append', topic: bucketEventsTopic, message: { id: event.id, body: JSON.stringify(event) } }];
}
