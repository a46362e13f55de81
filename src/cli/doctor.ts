import type { Capability } from '../sandbox/sandbox.ts';
import { dataOption, type Command, type HostReport } from './command.ts';
import { hostReport } from './host-report.ts';
import { columns } from './output/columns.ts';
import { painter, type Paint, type Style } from './output/paint.ts';

const marks: Readonly<Record<Capability['status'], { text: string; style: Style }>> = {
  ok: { text: 'ok', style: 'green' },
  degraded: { text: 'degraded', style: 'yellow' },
  missing: { text: 'missing', style: 'red' },
};

export const doctorCommand: Command = {
  usage: 'doctor',
  description:
    'Says what this machine lets the platform do, which runtimes it has, and what to install or change for what is missing. It asks the running platform, and looks for itself where none runs. The exit code is 1 if something is missing without which no function can run.',
  options: { data: dataOption },
  positionalsMin: 0,
  positionalsMax: 0,
  examples: ['mayfly doctor'],
  async run(invoked) {
    const { world } = invoked;
    const report = await hostReport(invoked);
    const { capabilities, runtimes } = report;
    const isFit =
      capabilities.every(({ status }) => status !== 'missing') && runtimes.some(({ missing }) => missing === undefined);
    invoked.answer({ ok: isFit, capabilities, runtimes }, () => {
      const paint = painter(world.stdout, world.environment);
      return [
        ...describe(report, paint),
        '',
        isFit
          ? paint('green', 'Functions can run here.')
          : paint('red', 'Functions cannot run here yet: see what is missing above.'),
      ].join('\n');
    });
    return isFit ? 0 : 1;
  },
};

function describe({ capabilities, runtimes }: HostReport, paint: Paint): string[] {
  const rows = capabilities.map(({ name, status, finding }) => [
    `  ${paint(marks[status].style, marks[status].text)}`,
    name,
    paint('dim', finding),
  ]);
  const lines = columns(rows).flatMap((line, index) => {
    const remedy = capabilities[index]?.remedy;
    return remedy === undefined ? [line] : [line, `      ${paint('yellow', '→')} ${remedy}`];
  });
  const runtimeRows = runtimes
    .filter(({ missing }) => missing === undefined)
    .map(({ name, version = '' }) => [`  ${paint('green', 'ok')}`, name, paint('dim', version)]);
  const absent = runtimes.filter(({ missing }) => missing !== undefined).map(({ name }) => name);
  return [
    paint(['bold', 'underline'], 'this machine'),
    ...lines,
    '',
    paint(['bold', 'underline'], 'runtimes'),
    ...columns(runtimeRows),
    ...(absent.length === 0
      ? []
      : [`  ${paint('yellow', 'absent')}  ${absent.join(', ')}`, `      ${paint('yellow', '→')} mayfly runtimes`]),
  ];
}
