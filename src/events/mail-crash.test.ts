/** Mail on a platform that dies again and again: what was accepted goes out, and what is said of it is so. `MAYFLY_SEED` replays one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mails, outgoingTopic } from '../resources/mail.ts';
import { openMemoryStore } from '../store/memory/open-memory-store.ts';
import { FakeClock } from '../util/fake-clock.ts';
import { randomIds, type AccountId } from '../util/ids.ts';
import { Life, random } from './life.ts';
import { startMailDelivery } from './mail-delivery.ts';
import type { RelayAnswer } from './smtp-relay.ts';

const account = '000000000000' as AccountId;
const mailCount = 30;

const seeds =
  process.env['MAYFLY_SEED'] === undefined
    ? Array.from({ length: 30 }, (_, each) => each + 1)
    : [Number(process.env['MAYFLY_SEED'])];

for (const seed of seeds) {
  test(`every accepted mail is taken by the relay or bounces, and nobody is told otherwise (seed ${seed})`, async () => {
    const next = random(seed);
    const clock = new FakeClock();
    const store = openMemoryStore({ clock });
    const accepted = new Set<string>();
    /** How often the relay has taken a mail. */
    const taken = new Map<string, number>();
    const offers = Array.from({ length: mailCount }, (_, each) => each);

    const live = async (life: Life): Promise<void> => {
      const [log, records] = [life.over(store.log), life.overRecords(store.records)];
      const mails = await Mails.open({ records, log, clock, ids: randomIds });
      const relay = {
        async send({ to }: { to: readonly string[] }, raw: Buffer): Promise<ReadonlyMap<string, RelayAnswer>> {
          if (life.dead) return new Promise(() => {});
          const kind = next() < 0.3 ? ('later' as const) : ('taken' as const);
          const name = raw.toString();
          const refused = Number(name) % 5 === 0;
          if (kind === 'taken' && !refused) taken.set(name, (taken.get(name) ?? 0) + 1);
          await new Promise((resolve) => setImmediate(resolve));
          return new Map(to.map((address) => [address, { kind: refused ? 'refused' : kind, detail: 'x' }]));
        },
      };
      const topics = { publish: () => assert.fail('no identity names a topic') };
      await startMailDelivery({
        region: 'us-east-1',
        log,
        mails,
        topics,
        relay,
        clock,
        ids: randomIds,
        report: () => {},
      });
      for (let number = offers.shift(); number !== undefined && !life.dead; number = offers.shift()) {
        const [id, raw] = [mails.newId(), Buffer.from(String(number))];
        const recipients = [`to${number}@example.org`];
        await mails.send({ id, account, from: 'a@example.com', subject: String(number), recipients, raw });
        accepted.add(id);
        if (next() < 0.3) await clock.advance(Math.floor(next() * 90_000));
      }
    };

    for (let lives = 0; lives < 10; lives += 1) {
      const life = new Life(1 + Math.floor(next() * 60), next);
      void live(life);
      for (let step = 0; step < 20 && !life.dead; step += 1) await clock.advance(Math.floor(next() * 60_000));
      life.dead = true;
      await clock.advance(Math.floor(next() * 5_000));
    }
    void live(new Life(Number.POSITIVE_INFINITY, next));
    for (let hours = 0; hours < 20; hours += 1) await clock.advance(3_600_000);

    const mails = await Mails.open({ ...store, clock, ids: randomIds });
    assert(accepted.size > 0);
    for (const id of accepted) {
      const mail = mails.get(account, id);
      const [fate] = Object.values(mail?.recipients ?? {});
      const isRefused = Number(mail?.subject) % 5 === 0;
      assert.equal(fate?.state, isRefused ? 'bounced' : 'sent', `mail ${mail?.subject}`);
      if (!isRefused) assert((taken.get(mail?.subject ?? '') ?? 0) > 0, `mail ${mail?.subject} was taken`);
    }
    assert.deepEqual(await store.log.depth(outgoingTopic), { ready: 0, delayed: 0, leased: 0 });
  });
}
