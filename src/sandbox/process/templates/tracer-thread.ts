/** A thread that traces: it takes images, or keeps them and loads them into other processes, one after the other. */
import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { assert, never } from '../../../util/assert.ts';
import { PlatformError } from '../../../util/errors.ts';
import type { Image } from './image.ts';
import { loadImage, PagesRefused } from './load-image.ts';
import { planLoad, type LoadPlan } from './plan-load.ts';
import { noPages, usedPages } from './used-pages.ts';
import { NoImage } from './no-image.ts';
import { takeImage } from './take-image.ts';
import type { FromTracer, ToTracer } from './tracer-messages.ts';
import { openTracingCalls } from './tracing-calls.ts';
import { awaitWaiting, processInside, templateInside } from './waiting-process.ts';
import { messageOf } from '../../../util/errors.ts';

const port = parentPort;
assert(port !== null, 'the tracer runs in a thread of its own');
const calls = openTracingCalls();
/** Plans are made when they are first needed. */
type Kept = { image: Image; plan?: LoadPlan; planAhead?: LoadPlan };
const images = new Map<number, Kept>();

function answer(message: ToTracer): FromTracer {
  const { id, kind } = message;
  switch (kind) {
    case 'take': {
      const find = (): number => templateInside(message.outerPid);
      awaitWaiting(find());
      const image = takeImage(calls, find, message.bytesMax);
      images.set(message.template, { image });
      return { id, status: 'taken', image };
    }
    case 'keep':
      images.set(message.template, { image: withBuffers(message.image) });
      return { id, status: 'done' };
    case 'load': {
      const kept = keptAs(message.template);
      kept.plan ??= planLoad(kept.image);
      const { socketFd } = message;
      loadImage(calls, { image: kept.image, plan: kept.plan }, () => processInside(message.outerPid), socketFd);
      // The channel is empty but for what `loadImage` has sent, which is read by now: this fits.
      if (message.message.length > 0) writeSync(socketFd, message.message);
      return { id, status: 'done' };
    }
    case 'load ahead': {
      const kept = keptAs(message.template);
      kept.planAhead ??= planLoad(kept.image, noPages);
      const { outerPid, socketFd } = message;
      try {
        loadImage(calls, { image: kept.image, plan: kept.planAhead }, () => processInside(outerPid), socketFd);
      } catch (error) {
        // The next does without them rather than fail as well.
        if (error instanceof PagesRefused) kept.planAhead = planLoad(kept.image, noPages);
        throw error;
      }
      return { id, status: 'done' };
    }
    case 'note pages': {
      const kept = keptAs(message.template);
      kept.planAhead = planLoad(kept.image, usedPages(processInside(message.outerPid), kept.image));
      return { id, status: 'done' };
    }
    case 'release':
      images.delete(message.template);
      return { id, status: 'done' };
    default:
      return never(kind);
  }
}

function keptAs(template: number): Kept {
  const kept = images.get(template);
  if (kept === undefined) throw new PlatformError('unavailable', 'the template is no longer there');
  return kept;
}

/** On its way between threads, a Buffer becomes a plain array of bytes. */
function withBuffers(image: Image): Image {
  return {
    ...image,
    registers: Buffer.from(image.registers),
    floats: Buffer.from(image.floats),
    signalMask: Buffer.from(image.signalMask),
    signalActions: image.signalActions.map(({ signal, action }) => ({ signal, action: Buffer.from(action) })),
    signalStack: Buffer.from(image.signalStack),
    vector: Buffer.from(image.vector),
  };
}

port.on('message', (message: ToTracer) => {
  try {
    port.postMessage(answer(message));
  } catch (error) {
    const text = messageOf(error);
    const refused: FromTracer = { id: message.id, status: 'refused', reason: text };
    port.postMessage(error instanceof NoImage ? refused : { id: message.id, status: 'failed', message: text });
  }
});
