/** A bill as a table whose amounts stand decimal point under decimal point. */
import type { BillLine } from '../../metering/bill.ts';
import type { KeptBill } from '../../metering/kept-bills.ts';
import { never } from '../../util/assert.ts';
import { columns } from './columns.ts';
import type { Paint } from './paint.ts';
import { count, milliseconds } from './units.ts';

const numberColumns = [1, 2, 3, 4, 5, 6];

export function billLines(bill: KeptBill, paint: Paint): string[] {
  const { month, plan, currency, lines, requests, total, rows, reconciles } = bill;
  const decimals = Math.max(...[...lines.map(({ amount }) => amount), total].map(decimalsOf));
  const isFree = ({ kind }: BillLine): boolean => kind === 'free_requests' || kind === 'free_duration';
  const isEmpty = lines.every(isFree);
  const table = columns(
    [
      ['', 'requests', 'errors', 'cold starts', 'billed', 'GB-seconds', currency].map((head) => paint('dim', head)),
      ...lines.map((line) => [
        ...cells(line, paint),
        paint(isFree(line) ? 'green' : [], withDecimals(line.amount, decimals)),
      ]),
      [
        paint('bold', 'total'),
        number(requests),
        '',
        '',
        '',
        bill.gbSeconds,
        paint('bold', withDecimals(total, decimals)),
      ],
    ],
    numberColumns,
  );
  return [
    `${paint('bold', monthName(month))} ${paint('dim', `(${plan} prices, account ${bill.account})`)}`,
    '',
    ...(isEmpty ? ['  Nothing has run yet.'] : table.map((line) => `  ${line}`)),
    '',
    reconciles
      ? paint('dim', `${count(rows, 'usage row')}, one for each request; the lines add up to the total.`)
      : paint(
          'red',
          `The lines do not add up to the total of ${count(rows, 'usage row')}: this is a bug of Mayfly, please report it.`,
        ),
    ...(bill.ageMs === undefined
      ? []
      : [paint('dim', `As it was ${milliseconds(bill.ageMs)} ago: so many rows are not added up at each look.`)]),
  ];
}

/** Name to GB-seconds; the amount comes after them. */
function cells(line: BillLine, paint: Paint): string[] {
  switch (line.kind) {
    case 'function':
      return [
        line.functionName,
        number(line.requests),
        line.errors === 0 ? paint('dim', '0') : paint('red', number(line.errors)),
        number(line.coldStarts),
        `${number(line.billedMs)} ms`,
        line.gbSeconds,
      ];
    case 'provisioned':
      return [`${line.functionName} ${paint('dim', 'kept ready')}`, '', '', '', '', line.gbSeconds];
    case 'table':
      return [
        `${line.table} ${paint('dim', `${number(line.readUnits)} read, ${number(line.writeUnits)} write units`)}`,
        '',
        '',
        '',
        '',
        '',
      ];
    case 'free_requests':
      return [paint('green', 'free requests'), number(line.requests), '', '', '', ''];
    case 'free_duration':
      return [paint('green', 'free duration'), '', '', '', '', line.gbSeconds];
    default:
      return never(line);
  }
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function decimalsOf(amount: string): number {
  return amount.split('.')[1]?.length ?? 0;
}

function withDecimals(amount: string, decimals: number): string {
  const [whole = '0', fraction = ''] = amount.split('.');
  return decimals === 0 ? whole : `${whole}.${fraction.padEnd(decimals, '0')}`;
}

/** `January 2026`. */
function monthName(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-US', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
