import { connect } from './client.ts';
import { dataOption, UsageError, type Command } from './command.ts';
import { getBill } from './control-api.ts';
export const billCommand: Command = {
  usage: 'bill [--month YYYY-MM]',
  description: "Prints a month's bill.",
  options: { month: { type: 'string', value: 'YYYY-MM', description: 'The month; this one by default' }, data: dataOption },
  positionalsMin: 0,
  positionalsMax: 0,
  examples: ['mayfly bill'],
  async run(invoked) {
    const month = invoked.text('month');
    if (month !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) throw new UsageError(`--month is '${month}'; a month such as 2026-01 is accepted.`, 'bill');
    await using client = connect(invoked.world, invoked.text('data'));
    const bill = await getBill(client, month);
    invoked.answer(bill, () => JSON.stringify(bill, undefined, 2));
    return 0;
  },
};
