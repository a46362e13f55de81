import { isRuntimeName, runtimeNames, runtimesByProvided, type RuntimeName } from '../util/runtime-names.ts';
import type { ReleaseView } from '../runners/runtime-releases.ts';
import type { InstallOutcome, RuntimeReport } from '../sandbox/sandbox.ts';
import { PlatformError } from '../util/errors.ts';
import { dataOption, UsageError, type Command, type Invoked } from './command.ts';
import { hostReport } from './host-report.ts';
import { columns } from './output/columns.ts';
import { painter, type Paint } from './output/paint.ts';
import { progressOn } from './output/progress.ts';

/** What has no runtime of its own, and what to do with it: all of it is an executable that speaks the Runtime API. */
const byProvided: readonly { language: string; how: string }[] = [
  { language: 'C#, F#, VB (dotnet6, dotnet8, dotnet10)', how: runtimesByProvided['dotnet8'] ?? '' },
  { language: 'PowerShell', how: 'a shell script named bootstrap that runs pwsh from the bundle, and provided.al2023' },
  { language: 'Go (go1.x)', how: runtimesByProvided['go1.x'] ?? '' },
  { language: 'Rust, C, C++, Swift, Zig', how: 'link it statically as bootstrap, and use provided.al2023' },
];

export const runtimesCommand: Command = {
  usage: 'runtimes [install NAME...]',
  description:
    'Lists the runtimes that functions may ask for: which of them this machine has, in which version and where from, and what to do about the others. With install it brings those that are named, from the distribution (as root, with apt-get) or from npm, and where it cannot it prints what to type. The exit code is 1 if one could not be installed.',
  options: { data: dataOption },
  positionalsMin: 0,
  positionalsMax: runtimeNames.length + 1,
  examples: ['mayfly runtimes', 'mayfly runtimes --json', 'mayfly runtimes install ruby java17'],
  async run(invoked) {
    const [what, ...names] = invoked.positionals;
    if (what === undefined) return list(invoked);
    if (what !== 'install')
      throw new UsageError(`runtimes ${what} is not known; runtimes install NAME is.`, 'runtimes');
    if (names.length === 0) throw new UsageError('Say which: mayfly runtimes install python3.11', 'runtimes');
    return install(invoked, names.map(known));
  },
};

async function list(invoked: Invoked): Promise<number> {
  const { world } = invoked;
  const { runtimes, releases = [] } = await hostReport(invoked);
  const rows = runtimes.map((report) => ({
    name: report.name,
    status: report.missing === undefined ? 'ready' : 'absent',
    version: report.version,
    from: report.from,
    missing: report.missing,
    install: report.missing === undefined ? undefined : `mayfly runtimes install ${report.name}`,
  }));
  const others = byProvided.map((row) => ({ ...row, use: 'provided.al2023' }));
  invoked.answer({ runtimes: rows, releases, byProvided: others }, () => {
    const paint = painter(world.stdout, world.environment);
    const isAbsent = (report: RuntimeReport): boolean => report.missing !== undefined;
    const ready = runtimes
      .filter((report) => !isAbsent(report))
      .map(({ name, version = '', from = '' }) => [`  ${paint('green', 'ready')}`, name, version, paint('dim', from)]);
    const absent = runtimes
      .filter(isAbsent)
      .map(({ name, missing = '' }) => [`  ${paint('yellow', 'absent')}`, name, paint('dim', missing)]);
    const provided = byProvided.map(({ language, how }) => [`  ${language}`, paint('dim', how)]);
    const notable = releaseRows(releases, paint);
    return [
      paint(['bold', 'underline'], 'runtimes'),
      ...columns(ready),
      ...columns(absent),
      ...(notable.length === 0 ? [] : ['', paint(['bold', 'underline'], 'releases'), ...columns(notable)]),
      '',
      paint(['bold', 'underline'], 'by provided'),
      ...columns(provided),
      ...(absent.length === 0 ? [] : ['', 'mayfly runtimes install NAME brings one that is absent, or says how.']),
    ].join('\n');
  });
  return 0;
}

/** Of runtimes of which there has been more than one. */
function releaseRows(releases: readonly ReleaseView[], paint: Paint): string[][] {
  return releases
    .filter(({ runtime }) => releases.filter((other) => other.runtime === runtime).length > 1)
    .map(({ runtime, version, id, newest, available, triedBy, refusedBy }) => {
      const state = newest ? paint('green', 'newest') : available ? 'kept' : paint('dim', 'gone');
      const said = [
        ...(triedBy.length === 0 ? [] : [`tried by ${triedBy.join(', ')}`]),
        ...(refusedBy.length === 0 ? [] : [paint('red', `failed in ${refusedBy.join(', ')}`)]),
      ];
      return [`  ${state}`, runtime, version, paint('dim', id.slice(0, 12)), said.join('; ')];
    });
}

/** The name, if it is one. Errors: `invalid_argument`, with what to do instead. */
function known(name: string): RuntimeName {
  if (isRuntimeName(name)) return name;
  if (name === 'nodejs') return 'nodejs26.x';
  const instead = Object.hasOwn(runtimesByProvided, name) ? runtimesByProvided[name] : undefined;
  const advice = instead ?? `accepted: ${runtimeNames.join(', ')}`;
  throw new PlatformError('invalid_argument', `There is no runtime ${name} to install: ${advice}.`, { field: 'NAME' });
}

async function install(invoked: Invoked, names: readonly RuntimeName[]): Promise<number> {
  const { world } = invoked;
  const outcomes: (InstallOutcome & { name: RuntimeName })[] = [];
  for (const name of names) {
    const progress = progressOn(world, invoked.json);
    const outcome = await world.host.installRuntime(name, (line) => progress.step(`${name}: ${line}`));
    progress.end();
    outcomes.push({ name, ...outcome });
  }
  invoked.answer({ runtimes: outcomes }, () => {
    const paint = painter(world.stdout, world.environment);
    return outcomes
      .map((outcome) => {
        if (outcome.status === 'by_hand')
          return `${outcome.name}  ${paint('yellow', 'not installed')}: ${outcome.what}`;
        const how = outcome.status === 'present' ? 'is there already' : 'is installed';
        return `${outcome.name}  ${paint('green', how)}: ${outcome.version} (${outcome.from})`;
      })
      .join('\n');
  });
  return outcomes.some(({ status }) => status === 'by_hand') ? 1 : 0;
}
