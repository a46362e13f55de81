import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Table } from './resources/table/table.ts';
import { TableUnits } from './table-units.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { FakeClock } from './util/fake-clock.ts';
import { randomIds } from './util/ids.ts';

test('what deleted tables came to is told, and let go of', async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const telemetry = new Telemetry();
  telemetry.attach({
    take: (event) => void (event.kind === 'table.used' && told.push(`${event.table} ${event.writeUnits}`)),
    flush: async () => {},
  });
  const gone = new Set<string>();
  using units = new TableUnits({ telemetry, clock, ids: randomIds, isThere: ({ id }) => !gone.has(id) });
  const table = (name: string): Table =>
    ({ account: '000000000000', name, id: name, billing: { mode: 'on demand' } }) as Table;
  units.used(table('kept'), { writeUnits: 1 });
  for (let n = 0; n < 3; n += 1) {
    units.used(table(`gone-${n}`), { writeUnits: 1 });
    gone.add(`gone-${n}`);
  }
  await clock.advance(10_000);
  // A call that was under way when its table was deleted.
  units.used(table('gone-0'), { writeUnits: 1 });
  for (let minutes = 0; minutes < 3; minutes += 1) {
    await clock.advance(61_000);
    units.used(table('kept'), { writeUnits: 1 });
    await clock.advance(2_000);
  }
  assert.equal(units.size, 1);
  assert.ok(told.includes('gone-0 2') && told.includes('gone-2 1'), told.join());
  assert.equal(told.at(-1), 'kept 4');
});
