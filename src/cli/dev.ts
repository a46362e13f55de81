import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkTypes } from '../manifest/check-types.ts';
import { ProjectError, type Complaint } from '../manifest/complaint.ts';
import { PlatformError, messageOf } from '../util/errors.ts';
import { ControlClient, readCredentials } from './client.ts';
import type { Command, Invoked, World } from './command.ts';
import { getLogs } from './control-api.ts';
import { deployProject } from './deploy-project.ts';
import { hostOf } from './find-platform.ts';
import { changeLines, changeSummary, urlLines } from './output/changes.ts';
import { describeComplaints, errorAsJson } from './output/errors.ts';
import { logLine } from './output/log-line.ts';
import { painter } from './output/paint.ts';
import { progressOn } from './output/progress.ts';
import { count, milliseconds } from './output/units.ts';
import { platformOptions, platformOptionsOf } from './platform-options.ts';
import { stopSignal } from './stop-signal.ts';
import { ProjectWatch } from './watch-project.ts';

export const devCommand: Command = {
  usage: 'dev [PROJECT] [--api-port PORT] [--http-port PORT]',
  description:
    'Runs a platform for one project on this terminal, deploys the project, shows what its functions write, and deploys again after each change, in well under a second. TypeScript with type errors is deployed all the same, and the errors are shown a moment later. Everything is kept in PROJECT/.mayfly. The API accepts any signature from this machine, so that tools made for local emulators work. With --json each thing that happens is one JSON value on a line.',
  options: {
    data: { type: 'string', value: 'DIR', description: 'Where everything is kept, PROJECT/.mayfly by default' },
    ...platformOptions,
  },
  positionalsMin: 0,
  positionalsMax: 1,
  examples: ['mayfly dev', 'mayfly dev my-app --http-port 0'],
  async run(invoked) {
    const { world } = invoked;
    const path = invoked.positionals[0] ?? '.';
    const folder = projectFolder(path, world);
    const dataFolder = resolve(world.workingFolder, invoked.text('data') ?? join(folder, '.mayfly'));
    const told = platformOptionsOf(invoked, 'dev');
    const screen = new Screen(invoked);
    const stop = stopSignal(world);
    try {
      const log = (message: string): void => world.stderr.write(`${message}\n`);
      const platform = await world.host.openPlatform({ ...told, dataFolder, log });
      const [api, http] = [
        `http://${hostOf(told.listen)}:${platform.apiPort}`,
        `http://${hostOf(told.listen)}:${platform.httpPort}`,
      ];
      screen.ready({
        api,
        http,
        apiPort: platform.apiPort,
        httpPort: platform.httpPort,
        ...(platform.smtpPort !== undefined && { smtpPort: platform.smtpPort }),
        data: dataFolder,
      });
      await using client = new ControlClient(
        { dataFolder, apiUrl: api, httpUrl: http },
        readCredentials(dataFolder),
        world.clock,
      );
      try {
        const logs = followLogs(client, screen, stop.signal, world.clock.now());
        await using types = new TypesBeside(screen);
        await using watching = new ProjectWatch(folder, world.clock, () =>
          redeploy(path, client, screen, types, world),
        );
        watching.trigger();
        await Promise.race([stop.stopped, watching.failed, logs]);
      } finally {
        screen.stopping();
        await platform.close();
      }
      return 0;
    } finally {
      stop.remove();
    }
  },
};

/** What is theirs to mend is shown, and the version before goes on running; a bug of ours goes up. */
async function redeploy(
  path: string,
  client: ControlClient,
  screen: Screen,
  types: TypesBeside,
  world: World,
): Promise<void> {
  const startMs = world.clock.monotonicMs();
  types.stop();
  const progress = progressOn(world, screen.json || !world.stderr.isTty);
  try {
    const deployed = await deployProject(path, client, world, { planOnly: false, checksTypes: false, progress });
    progress.end();
    screen.deployed(deployed, world.clock.monotonicMs() - startMs);
    types.start(deployed);
  } catch (error) {
    progress.end();
    if (!(error instanceof PlatformError)) throw error;
    screen.refused(error);
  }
}

/** Checks types while what was saved runs already: who develops waits for nothing, and hears of it a moment later. */
class TypesBeside implements AsyncDisposable {
  readonly #screen: Screen;
  #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #wereWrong = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  start({ project, typescript }: Deployed): void {
    if (typescript.length > 0) this.#running = this.#check(project, typescript, this.#abort.signal);
  }

  /** What is under way is about files that have changed. */
  stop(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#running;
  }

  async #check(project: Deployed['project'], typescript: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      const complaints = await checkTypes(project, typescript, signal);
      if (signal.aborted) return;
      if (complaints.length > 0 || this.#wereWrong) this.#screen.types(complaints);
      this.#wereWrong = complaints.length > 0;
    } catch (error) {
      if (!signal.aborted) this.#screen.notChecked(messageOf(error));
    }
  }
}

/** Ends with `signal`; otherwise only when the platform has gone. */
async function followLogs(client: ControlClient, screen: Screen, signal: AbortSignal, sinceMs: number): Promise<void> {
  try {
    for await (const line of getLogs(client, '*', { follow: true, sinceMs }, signal)) screen.log(line);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function projectFolder(path: string, world: World): string {
  const target = resolve(world.workingFolder, path);
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new PlatformError(
      'not_found',
      `There is no ${path}; a folder with mayfly.yaml or with one handler is accepted.`,
    );
  return stats.isDirectory() ? target : dirname(target);
}

type Deployed = Awaited<ReturnType<typeof deployProject>>;

/** What `dev` shows, for people or as JSON lines. Holds how wide the functions' names are. */
class Screen {
  readonly json: boolean;
  readonly #world: World;
  readonly #paint: ReturnType<typeof painter>;
  #nameWidth = 0;

  constructor({ world, json }: Invoked) {
    this.#world = world;
    this.json = json;
    this.#paint = painter(world.stdout, world.environment);
  }

  ready(facts: {
    api: string;
    http: string;
    apiPort: number;
    httpPort: number;
    smtpPort?: number;
    data: string;
  }): void {
    const paint = this.#paint;
    this.#say({ event: 'ready', ...facts }, () => [
      `${paint('bold', 'Mayfly')} ready: gateway ${paint(['cyan', 'underline'], facts.http)}, API ${paint(['cyan', 'underline'], facts.api)}${facts.smtpPort === undefined ? '' : `, mail on port ${facts.smtpPort}`}`,
      paint('dim', 'The API accepts any signature from this machine (in dev only). Ctrl-C stops.'),
      '',
    ]);
  }

  deployed({ application, changes, project }: Deployed, tookMs: number): void {
    const paint = this.#paint;
    this.#nameWidth = Math.max(...project.manifest.functions.map(({ name }) => name.length), 0);
    const changed = changes.filter(({ action }) => action !== 'unchanged');
    this.#say({ event: 'deployed', application, changes, tookMs: Math.round(tookMs) }, () => [
      `${paint('green', '✓')} ${paint('bold', application)} in ${milliseconds(tookMs)}: ${changeSummary(changes)}`,
      ...changeLines(changed, paint),
      ...urlLines(changed, paint),
    ]);
  }

  refused(error: PlatformError): void {
    const paint = this.#paint;
    this.#say({ event: 'refused', ...errorAsJson(error) }, () => [
      error instanceof ProjectError ? describeComplaints(error.complaints, this.#world, paint) : error.message,
      `${paint('red', '✗')} not deployed; what ran before goes on running`,
    ]);
  }

  /** Empty: they were wrong before, and are right now. */
  types(complaints: readonly Complaint[]): void {
    const paint = this.#paint;
    this.#say({ event: 'types', complaints }, () =>
      complaints.length === 0
        ? [`${paint('green', '✓')} the types are right again`]
        : [
            describeComplaints(complaints, this.#world, paint),
            `${paint('yellow', '!')} ${count(complaints.length, 'type error')}: it runs, and mayfly deploy would refuse it`,
          ],
    );
  }

  notChecked(message: string): void {
    this.#say({ event: 'types', message }, () => [message]);
  }

  log(line: Parameters<typeof logLine>[0]): void {
    // START and END say nothing that REPORT does not.
    if (!this.json && line.origin === 'platform' && /^(?:START|END) /.test(line.text)) return;
    this.#say({ event: 'log', ...line }, () => [
      logLine(line, { paint: this.#paint, showFunction: true, nameWidth: this.#nameWidth }),
    ]);
  }

  stopping(): void {
    this.#say({ event: 'stopping' }, () => [this.#paint('dim', 'stopping …')]);
  }

  #say(value: object, forPeople: () => readonly string[]): void {
    this.#world.stdout.write(`${this.json ? JSON.stringify(value) : forPeople().join('\n')}\n`);
  }
}
