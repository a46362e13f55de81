/**
 * V8 compiles anew what has run for a while, its first compiler in batches on the thread that runs the code. The rehearsal
 * brought functions so near to that, that a batch fell into nearly every init: half a millisecond of it, for code that runs
 * once more. So a process that waits for its function does without, until it has answered for the first time.
 */
const tiers = process.version.startsWith('v20.') ? ['sparkplug', 'opt'] : ['sparkplug', 'maglev', 'opt'];

let v8;

/** Whether `resumeTiers` has something to do. */
export let areTiersOff = false;

export function stopTiers() {
  v8 = process.getBuiltinModule('v8');
  for (const tier of tiers) v8.setFlagsFromString(`--no-${tier}`);
  areTiersOff = true;
}

export function resumeTiers() {
  areTiersOff = false;
  for (const tier of tiers) v8.setFlagsFromString(`--${tier}`);
}
