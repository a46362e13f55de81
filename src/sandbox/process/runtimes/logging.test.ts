/** What functions log where their settings ask for JSON, and from which level on. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTestSandbox, type TestSandbox } from '../../../../test/fakes/process-sandbox.ts';
import type { LoggingSettings } from '../../../registry/function.ts';

const node = `
console.log('while loading');
exports.handler = async () => {
  console.debug('fine');
  console.log('a', { b: 1 }, 2);
  console.info({ order: 7, items: ['x'] });
  console.error('failed:', new RangeError('too far'));
  const circle = {}; circle.self = circle; console.warn(circle);
  process.stdout.write('as it is\\n');
  throw new TypeError('not this');
};`;

const python = `
import logging
logger = logging.getLogger('shop')
def handler(event, context):
    logger.debug('fine')
    logging.info('order %d', 7, extra={'items': ['x']})
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception('failed')
    print('as it is')
    raise TypeError('not this')
`;

describe('logs in JSON', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  async function linesOf(runtime: 'nodejs24.x' | 'python', logging: LoggingSettings): Promise<(string | object)[]> {
    const files = { 'index.js': node, 'index.py': python };
    const { invoke, lines, environment } = await opened.start({ runtime, files, logging });
    await invoke({}, { requestId: 'r-1' as never });
    await environment.stop();
    return lines.map(({ text }) => {
      if (!text.startsWith('{')) return text;
      const { timestamp, stackTrace, ...line } = JSON.parse(text) as Record<string, unknown>;
      assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
      if (stackTrace !== undefined) assert.ok(Array.isArray(stackTrace));
      return line;
    });
  }

  test('of Node.js: objects stay objects, errors are described', async () => {
    const [first, ...lines] = await linesOf('nodejs24.x', { format: 'json' });
    assert.deepEqual(first, { level: 'INFO', message: 'while loading' });
    const one = { requestId: 'r-1' };
    const last = lines.pop() as { message: Record<string, unknown> };
    assert.deepEqual(lines.slice(0, 2), [
      { level: 'INFO', ...one, message: 'a { b: 1 } 2' },
      { level: 'INFO', ...one, message: { order: 7, items: ['x'] } },
    ]);
    const { message, ...described } = lines[2] as { message: string };
    assert.match(message, /^failed: RangeError: too far\n {4}at /);
    assert.deepEqual(described, { level: 'ERROR', ...one, errorType: 'RangeError', errorMessage: 'too far' });
    assert.deepEqual(lines.slice(3), [
      { level: 'WARN', ...one, message: '<ref *1> { self: [Circular *1] }' },
      'as it is',
    ]);
    assert.equal(last.message['errorType'], 'TypeError');
    assert.equal(last.message['errorMessage'], 'not this');
  });

  test('of Python: the logger, what was given as extra, the exception', async () => {
    const [info, failed, printed, error] = await linesOf('python', { format: 'json' });
    assert.deepEqual(info, { level: 'INFO', message: 'order 7', logger: 'root', requestId: 'r-1', items: ['x'] });
    assert.deepEqual(failed, {
      level: 'ERROR',
      message: 'failed',
      logger: 'shop',
      errorType: 'ZeroDivisionError',
      errorMessage: 'division by zero',
      location: '/var/task/index.py:handler:10',
      requestId: 'r-1',
    });
    assert.equal(printed, 'as it is');
    assert.deepEqual(error, { log_level: 'ERROR', errorMessage: 'not this', errorType: 'TypeError', requestId: 'r-1' });
  });

  test('what is less grave than the level is left out', async () => {
    const levels = async (
      runtime: 'nodejs24.x' | 'python',
      applicationLevel: LoggingSettings['applicationLevel'] & string,
    ) =>
      (await linesOf(runtime, { format: 'json', applicationLevel })).map((line) =>
        typeof line === 'string' ? 'text' : (line as { level?: string }).level,
      );
    assert.deepEqual(await levels('nodejs24.x', 'DEBUG'), [
      'INFO',
      'DEBUG',
      'INFO',
      'INFO',
      'ERROR',
      'WARN',
      'text',
      'ERROR',
    ]);
    assert.deepEqual(await levels('nodejs24.x', 'WARN'), ['ERROR', 'WARN', 'text', 'ERROR']);
    assert.deepEqual(await levels('python', 'ERROR'), ['ERROR', 'text', undefined]);
    assert.deepEqual(await levels('python', 'TRACE'), ['DEBUG', 'INFO', 'ERROR', 'text', undefined]);
  });
});
