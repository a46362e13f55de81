/**
 * A log whose messages lie encrypted on disk, whoever puts them there: bodies of queues and topics, events of functions,
 * dead letters. What the engine keeps beside a body (ids, groups, times, counts) stays as it is, since it works by that.
 *
 * A message that cannot be opened (damage on disk; a key that is gone) holds up nobody: it is put into `unreadable/TOPIC` as
 * it lies, and told, when somebody is given the others; who only looks does not see it.
 */
import type { Leased, Log, Lying } from './log.ts';
import type { MessageKeys } from './message-keys.ts';
import type { LogMessage, Operation, Records } from './records.ts';

/** Before a topic's name: where what cannot be read of it is kept. */
export const unreadablePrefix = 'unreadable/';

export type Sealing = Pick<MessageKeys, 'seal' | 'open'>;

/** The log, and the records by whose transactions messages come into it. */
export function sealMessages(
  { log, records }: { log: Log; records: Records },
  keys: Sealing,
  report: (message: string, cause: unknown) => void,
) {
  const sealed = (message: LogMessage): LogMessage => ({ ...message, body: keys.seal(message.body) });
  const opened = <Message extends Leased | Lying>(message: Message): Message => ({
    ...message,
    body: keys.open(message.body),
  });
  /** Of those only that can be opened. */
  function openedOf<Message extends Leased | Lying>(
    messages: readonly Message[],
    refused: (message: Message, cause: unknown) => void = () => {},
  ): Message[] {
    return messages.flatMap((message) => {
      try {
        return [opened(message)];
      } catch (cause) {
        refused(message, cause);
        return [];
      }
    });
  }
  async function setAside(topic: string, { id, body, receipt }: Leased, cause: unknown): Promise<void> {
    // What is set aside already stays there, and is given to nobody.
    if (topic.startsWith(unreadablePrefix)) return;
    const to = `${unreadablePrefix}${topic}`;
    try {
      await log.append(to, [{ id, body }]);
      await log.acknowledge(topic, [receipt], { as: 'dead' });
      report(`the message ${id} of ${topic} cannot be opened, and is set aside in ${to}`, cause);
    } catch (error) {
      // It comes again when its lease is over.
      report(`the message ${id} of ${topic} cannot be opened, and could not be set aside`, error);
    }
  }
  const brought = (operation: Operation): Operation =>
    operation.kind === 'append' ? { ...operation, message: sealed(operation.message) } : operation;

  const sealedRecords: Records = {
    get: (key) => records.get(key),
    range: (range) => records.range(range),
    transact: (operations) => records.transact(operations.map(brought)),
  };
  const sealedLog: Log = {
    append: (topic, messages) => log.append(topic, messages.map(sealed)),
    async receive(topic, options) {
      const refused: { message: Leased; cause: unknown }[] = [];
      const given = openedOf(await log.receive(topic, options), (message, cause) => refused.push({ message, cause }));
      for (const { message, cause } of refused) await setAside(topic, message, cause);
      return given;
    },
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
    peek: async (topic, limit) => openedOf(await log.peek(topic, limit)),
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
