import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerOf, openTestSandbox, type TestSandbox, type Tried } from '../../../../test/fakes/process-sandbox.ts';
import type { Template } from '../../sandbox.ts';
import { whyNoTemplates } from './why-no-templates.ts';

const missing = process.getuid?.() === 0 ? whyNoTemplates() : 'environments begin with templates only as root';

describe('environments that begin with a template', { skip: missing }, () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  type Options = { files?: Record<string, string>; variables?: Record<string, string>; memoryMb?: number };

  async function templateOf(
    source: string,
    { files = {}, ...options }: Options = {},
  ): Promise<{ first: Tried; made: Template | { refused: string } }> {
    const all = { 'index.py': source, ...files };
    const first = await opened.start({ runtime: 'python', files: all, ...options, forTemplate: true });
    assert.deepEqual(first.init, { status: 'ready' }, JSON.stringify(first.lines));
    return { first, made: await first.environment.becomeTemplate() };
  }

  /** Two environments from one template. */
  async function twoOf(source: string, options: Options = {}): Promise<[Tried, Tried]> {
    const { first, made } = await templateOf(source, options);
    if ('refused' in made) assert.fail(made.refused);
    const from = { runtime: 'python', files: {}, bundle: first.bundle, template: made, ...options } as const;
    const pair: [Tried, Tried] = [await opened.start(from), await opened.start(from)];
    for (const { init, lines } of pair) assert.deepEqual(init, { status: 'ready' }, JSON.stringify(lines));
    made.release();
    return pair;
  }

  test('go on with what the initialisation has made, each with its own', async () => {
    const [one, two] = await twoOf(`
import json, decimal, urllib.parse
state = {"count": 41, "words": [str(n) for n in range(50000)]}
def handler(event, context):
    state["count"] += 1
    return [state["count"], len(state["words"]), state["words"][-1]]
`);
    assert.deepEqual(answerOf(await one.invoke({})), [42, 50000, '49999']);
    assert.deepEqual(answerOf(await one.invoke({})), [43, 50000, '49999']);
    assert.deepEqual(answerOf(await two.invoke({})), [42, 50000, '49999']);
  });
});
