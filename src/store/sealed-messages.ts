/**
 * A log whose messages lie encrypted on disk, whoever puts them there: bodies of queues and topics, events of functions,
 * dead letters. What the engine keeps beside a body (ids, groups, times, counts) stays as it is, since it works by that.
 */
import type { Leased, Log, Lying } from './log.ts';
import type { MessageKeys } from './message-keys.ts';
import type { LogMessage, Operation, Records } from './records.ts';

export type Sealing = Pick<MessageKeys, 'seal' | 'open'>;

/** The log, and the records by whose transactions messages come into it. */
export function sealMessages({ log, records }: { log: Log; records: Records }, keys: Sealing) {
  const sealed = (message: LogMessage): LogMessage => ({ ...message, body: keys.seal(message.body) });
  const opened = <Message extends Leased | Lying>(message: Message): Message => ({
    ...message,
    body: keys.open(message.body),
  });
  const brought = (operation: Operation): Operation =>
    operation.kind === 'append' ? { ...operation, message: sealed(operation.message) } : operation;

  const sealedRecords: Records = {
    get: (key) => records.get(key),
    range: (range) => records.range(range),
    transact: (operations) => records.transact(operations.map(brought)),
  };
  const sealedLog: Log = {
    append: (topic, messages) => log.append(topic, messages.map(sealed)),
    receive: async (topic, options) => (await log.receive(topic, options)).map(opened),
    acknowledge: (...given) => log.acknowledge(...given),
    fate: (...given) => log.fate(...given),
    redeliver: (topic, receipt, { delayMs, body }) =>
      log.redeliver(topic, receipt, { delayMs, ...(body !== undefined && { body: keys.seal(body) }) }),
    extend: (...given) => log.extend(...given),
    release: (...given) => log.release(...given),
    depth: (...given) => log.depth(...given),
    move: (...given) => log.move(...given),
    expire: (...given) => log.expire(...given),
    topics: (...given) => log.topics(...given),
    peek: async (topic, limit) => (await log.peek(topic, limit)).map(opened),
    async find(topic, id) {
      const found = await log.find(topic, id);
      return found && opened(found);
    },
    purge: (...given) => log.purge(...given),
    balance: (...given) => log.balance(...given),
    tallied: (...given) => log.tallied(...given),
    watch: (...given) => log.watch(...given),
  };
  return { log: sealedLog, records: sealedRecords };
}
