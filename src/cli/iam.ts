import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { loadProject } from '../manifest/load-project.ts';
import { writePermissions } from '../manifest/write-permissions.ts';
import { PlatformError } from '../util/errors.ts';
import { connect, type ControlClient } from './client.ts';
import { dataOption, UsageError, type Command, type Invoked } from './command.ts';
import { getDecision, getPermissions, getPlatform } from './control-api.ts';
import { painter } from './output/paint.ts';
import { decisionText, permissionsText, policyOf } from './output/permissions.ts';
import { sinceOption, timeSince } from './time-since.ts';

export const iamCommand: Command = {
  usage: 'iam why PRINCIPAL ACTION [RESOURCE] | why REQUEST_ID | tighten FUNCTION [--write]',
  description:
    'why says what decides whether somebody may do something, statement by statement; with the request id of a refused call it takes all that from the audit log. tighten shows the least policy that what a function has done needs, as manifest lines and as a policy; --write puts it into the manifest.',
  options: {
    since: { ...sinceOption, description: 'tighten: leave out what was not used since then: 30d' },
    write: { type: 'boolean', description: 'tighten: change the manifest; comments stay' },
    project: { type: 'string', value: 'DIR', description: 'tighten --write: where the manifest is (otherwise here)' },
    data: dataOption,
  },
  positionalsMin: 2,
  positionalsMax: 4,
  examples: [
    'mayfly iam why function/thumbs s3:PutObject arn:aws:s3:::pics/small/a.jpg',
    'mayfly iam why 7d8b1f0e-6f7c-4f5e-9a55-0d6b4f1b2c3d',
    'mayfly iam tighten thumbs --since 30d',
    'mayfly iam tighten thumbs --write',
  ],
  async run(invoked) {
    const [what = '', ...words] = invoked.positionals;
    if (what !== 'why' && what !== 'tighten')
      throw new UsageError(`iam ${what} is not known; why and tighten are.`, 'iam');
    if (what === 'tighten' && words.length > 1) throw new UsageError('tighten takes one function.', 'iam');
    for (const option of ['since', 'project'])
      if (what === 'why' && invoked.text(option) !== undefined)
        throw new UsageError(`--${option} goes with tighten.`, 'iam');
    if (what === 'why' && invoked.flag('write')) throw new UsageError('--write goes with tighten.', 'iam');
    // Ids of requests have digits in them; a word that has none is somebody's name.
    if (what === 'why' && words.length === 1 && !/\d/.test(words[0] ?? ''))
      throw new UsageError(
        `why ${words[0]} needs an action, too: mayfly iam why ${words[0]} s3:GetObject arn:aws:s3:::pics/a.jpg.`,
        'iam',
      );
    await using client = await connect(invoked.world, invoked.text('data'));
    return what === 'why' ? await why(invoked, client, words) : await tighten(invoked, client, words[0] ?? '');
  },
};

/** Exit code 0 whatever the decision is: the question was answered. */
async function why(invoked: Invoked, client: ControlClient, words: readonly string[]): Promise<number> {
  const { world } = invoked;
  const [principal = '', action, resource] = words;
  const view = await getDecision(
    client,
    action === undefined ? { request: principal } : { principal, action, resource },
  );
  invoked.answer(view, () => decisionText(view, painter(world.stdout, world.environment), world.clock.now()));
  return 0;
}

async function tighten(invoked: Invoked, client: ControlClient, name: string): Promise<number> {
  const { world } = invoked;
  const since = invoked.text('since');
  const nowMs = world.clock.now();
  const view = await getPermissions(client, name, since === undefined ? undefined : timeSince(since, nowMs, 'iam'));
  const file = invoked.flag('write') ? await write(invoked, client, view) : undefined;
  invoked.answer({ ...view, policy: policyOf(view.least), ...(file !== undefined && { file }) }, () => {
    const text = permissionsText(view, painter(world.stdout, world.environment), nowMs);
    return file === undefined ? text : `${text}\n\nWritten to ${file}: mayfly deploy applies it.`;
  });
  return 0;
}

/** Errors: `precondition_failed`, where there is nothing to write, or nowhere. */
async function write(
  { world, text }: Invoked,
  client: ControlClient,
  view: Awaited<ReturnType<typeof getPermissions>>,
): Promise<string> {
  if (view.role !== undefined)
    throw new PlatformError(
      'precondition_failed',
      `${view.function} has the role ${view.role}: change the role's policies`,
    );
  // A function that nobody has called yet would be left with nothing.
  if (view.used.length === 0)
    throw new PlatformError('precondition_failed', `${view.function} has used no permission yet: call it first`);
  const { account, region, limits } = await getPlatform(client);
  const { workingFolder } = world;
  const project = loadProject(text('project') ?? '.', { account, region, limits, workingFolder });
  if (project.detected !== undefined)
    throw new PlatformError(
      'precondition_failed',
      `${project.folder} has no manifest to write to: mayfly init makes one`,
    );
  const path = resolve(join(project.folder, basename(project.file)));
  writeFileSync(path, writePermissions(readFileSync(path, 'utf8'), view.function, view.written));
  return project.file;
}
