/**
 * Several invocations at the same time, where the function's settings say so (`concurrencyPerEnvironment`). Each has a
 * slot, by which the platform tells them apart, and what runs on behalf of one is known by its asynchronous context: so
 * the lines that it prints and its trace are its own. What one waits for may be another that is still to come (to be handled
 * together with it, say), so the channel keeps the event loop alive: a callback answers at once, and a promise that never
 * settles is found out by the time-out alone.
 * https://nodejs.org/api/async_context.html
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { errorText, sendOfSlot, types } from './channel.mjs';
import { attributeOutput } from './console.mjs';
import { isStreaming } from './response-stream.mjs';
import { RuntimeError } from './errors.mjs';

/** `begin` runs one: from its `invoke` frame to an invocation of the class that it is given. */
export function runAtOnce({ Invocation, begin, setTrace }) {
  const context = new AsyncLocalStorage();
  const running = new Set();
  attributeOutput(() => context.getStore());
  setTrace(() => context.getStore()?.traceId);

  class InSlot extends Invocation {
    #slot;

    constructor(head) {
      super(head);
      this.#slot = head.slot;
      this.waitsForEmptyLoop = false;
    }

    enter() {
      running.add(this);
    }

    get isOn() {
      return running.has(this);
    }

    sendResponse(text, tookUs) {
      const bytes = Buffer.allocUnsafe(4 + Buffer.byteLength(text));
      bytes.writeUInt32BE(tookUs);
      bytes.write(text, 4);
      sendOfSlot(this.#slot, types.response, bytes);
    }

    sendError(described) {
      sendOfSlot(this.#slot, types.error, Buffer.from(errorText(described)));
    }

    over() {
      running.delete(this);
    }
  }

  return {
    invoke(payload, head) {
      const { slot, requestId, traceId } = head;
      context.run({ slot, requestId, traceId }, () => begin(payload, head, InSlot));
    },
    /** An error that nobody caught. False: it is not known whose. */
    fatal(described) {
      const slot = context.getStore()?.slot;
      if (slot !== undefined) sendOfSlot(slot, types.fatal, Buffer.from(errorText(described)));
      return slot !== undefined;
    },
  };
}

/** Throws where the handler cannot be run so. */
export function checkAtOnce(handler) {
  if (!isStreaming(handler)) return;
  throw new RuntimeError(
    'ConcurrencyNotSupported',
    'A handler that streams its answer runs one invocation at a time: leave out concurrencyPerEnvironment, or answer whole.',
  );
}
