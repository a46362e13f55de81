import { connect } from './client.ts';
import { dataOption, UsageError, type Command } from './command.ts';
import { getBill } from './control-api.ts';
import { billLines } from './output/bill.ts';
import { painter } from './output/paint.ts';

export const billCommand: Command = {
  usage: 'bill [--month YYYY-MM]',
  description:
    "Shows a month's bill: a line for each function, one for each free tier, and the total, with the number of usage rows behind it. Each row is one request, and the lines add up to the total to the last digit.",
  options: {
    month: { type: 'string', value: 'YYYY-MM', description: 'The month (UTC); this one by default' },
    data: dataOption,
  },
  positionalsMin: 0,
  positionalsMax: 0,
  examples: ['mayfly bill', 'mayfly bill --month 2026-01'],
  async run(invoked) {
    const { world } = invoked;
    const month = invoked.text('month');
    if (month !== undefined && !/^\d{4}-(?:0[1-9]|1[0-2])$/.test(month)) {
      throw new UsageError(`--month is '${month}'; a month such as 2026-01 is accepted.`, 'bill');
    }
    await using client = await connect(world, invoked.text('data'));
    const bill = await getBill(client, month);
    invoked.answer(bill, () => billLines(bill, painter(world.stdout, world.environment)).join('\n'));
    return 0;
  },
};
