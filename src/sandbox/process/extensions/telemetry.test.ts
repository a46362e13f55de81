/** The Telemetry API as an extension uses it: subscribes, listens, and gets what happens. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerOf, openTestSandbox, type TestSandbox, type Tried } from '../../../../test/fakes/process-sandbox.ts';
import { parseSubscription } from './telemetry-subscriptions.ts';

/** Subscribes, and prints each batch that it gets, whichever way, as one line. */
const collector = (protocol: 'HTTP' | 'TCP'): string => `#!/usr/bin/python3
import http.client, http.server, json, os, socketserver, sys, threading
reported = threading.Event()
def take(batch):
    print('batch', batch, flush=True)
    if 'platform.report' in batch: reported.set()
class Posted(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        take(self.rfile.read(int(self.headers['content-length'])).decode())
        self.send_response(200); self.end_headers()
    def log_message(self, *values): pass
class Sent(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: take('[' + line.decode().strip() + ']')
server = socketserver.ThreadingTCPServer(('sandbox.localdomain', 8181), ${protocol === 'HTTP' ? 'Posted' : 'Sent'})
threading.Thread(target=server.serve_forever, daemon=True).start()
api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
def call(method, path, body, headers):
    api.request(method, path, json.dumps(body) if body else None, headers)
    response = api.getresponse()
    return response.status, response.headers, response.read().decode()
name = {'Lambda-Extension-Name': os.path.basename(sys.argv[0])}
status, headers, _ = call('POST', '/2020-01-01/extension/register', {'events': ['INVOKE', 'SHUTDOWN']}, name)
me = {'Lambda-Extension-Identifier': headers['Lambda-Extension-Identifier']}
wrong = call('PUT', '/2022-07-01/telemetry', {'schemaVersion': '2022-12-13', 'types': [], 'destination': {'protocol': 'HTTP', 'URI': 'http://sandbox.localdomain'}}, me)
print('refused', json.dumps([wrong[0], json.loads(wrong[2])]), flush=True)
subscription = {'schemaVersion': '2022-12-13', 'types': ['platform', 'function'], 'buffering': {'timeoutMs': 25},
  'destination': {'protocol': '${protocol}', 'URI': '${protocol === 'HTTP' ? 'http://' : ''}sandbox.localdomain:8181'}}
print('subscribed', json.dumps(call('PUT', '/2022-07-01/telemetry', subscription, me)[::2]), flush=True)
while json.loads(call('GET', '/2020-01-01/extension/event/next', None, me)[2])['eventType'] != 'SHUTDOWN': pass
# What comes over TCP nobody acknowledges: it may still be on its way.
reported.wait(1.5)
os._exit(0)
`;

type Event = { time: string; type: string; record: Record<string, unknown> };

const linesOf = (tried: Tried, word: string): unknown[] =>
  tried.lines
    .filter(({ origin, text }) => origin === 'extension' && text.startsWith(`${word} `))
    .map(({ text }) => JSON.parse(text.slice(word.length + 1)));

describe('telemetry', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  for (const protocol of ['HTTP', 'TCP'] as const) {
    test(`what happens comes over ${protocol}, in order, from before the subscription on`, async () => {
      const files = {
        'index.js': "console.log('loaded'); exports.handler = async () => { console.log('called'); return 'yes'; };",
      };
      const layers = { 'extensions/collector': collector(protocol) };
      const logging = { format: 'json' } as const;
      const tried = await opened.start({ runtime: 'nodejs24.x', files, layers, logging });
      assert.deepEqual(tried.init, { status: 'ready' }, JSON.stringify(tried.lines));
      const outcome = await tried.invoke({}, { requestId: 'r-1' as never });
      assert.equal(answerOf(outcome), 'yes');
      if ('over' in outcome) await outcome.over;
      await tried.environment.stop();
      const validation = {
        errorType: 'ValidationError',
        errorMessage: 'types should not be empty; URI port is not provided',
      };
      assert.deepEqual(linesOf(tried, 'refused'), [[400, validation]]);
      assert.deepEqual(linesOf(tried, 'subscribed'), [[200, '"OK"\n']]);
      const events = linesOf(tried, 'batch').flat() as Event[];
      // The runtime loads the code meanwhile.
      const subscribed = 'platform.telemetrySubscription';
      assert.ok(events.some(({ type }) => type === subscribed));
      assert.deepEqual(
        events.map(({ type }) => type).filter((type) => type !== subscribed),
        [
          'platform.initStart',
          'function',
          'platform.initRuntimeDone',
          'platform.extension',
          'platform.initReport',
          'platform.start',
          'function',
          'platform.runtimeDone',
          'platform.report',
        ],
      );
      const last = (type: string): Record<string, unknown> | undefined =>
        events.findLast((one) => one.type === type)?.record;
      assert.deepEqual(last('platform.extension'), {
        name: 'collector',
        state: 'Ready',
        events: ['INVOKE', 'SHUTDOWN'],
      });
      assert.equal(last('platform.runtimeDone')?.['status'], 'success');
      assert.equal(last('platform.start')?.['requestId'], 'r-1');
      assert.equal(last('function')?.['message'], 'called');
      const metrics = Object.keys(Object(last('platform.report')?.['metrics'])).toSorted();
      const expected = ['billedDurationMs', 'durationMs', 'initDurationMs', 'memorySizeMB'];
      assert.deepEqual(
        metrics.filter((name) => name !== 'maxMemoryUsedMB'),
        expected,
      );
    });
  }
});

describe('telemetry of calls that are cut short', () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  const cases = [
    ['timeout', 'for (;;);', { timeoutMs: 300 }],
    ['failure', 'process.exit(4);', {}],
  ] as const;
  for (const [status, body, options] of cases) {
    test(`a ${status} is told before the end`, async () => {
      const files = { 'index.js': `exports.handler = async () => { ${body} };` };
      const layers = { 'extensions/collector': collector('HTTP') };
      const tried = await opened.start({ runtime: 'nodejs24.x', files, layers });
      await tried.invoke({}, options);
      await tried.environment.ended;
      const events = linesOf(tried, 'batch').flat() as Event[];
      const statuses = ['platform.runtimeDone', 'platform.report'].map(
        (type) => events.findLast((event) => event.type === type)?.record['status'],
      );
      assert.deepEqual(statuses, [status, status]);
    });
  }
});

test('a subscription is refused with all that is wrong with it', () => {
  const good = {
    types: ['platform'],
    destination: { protocol: 'HTTP', URI: 'http://sandbox.localdomain:80/path?q=1' },
  };
  assert.deepEqual(parseSubscription(good), {
    types: ['platform'],
    buffering: { maxItems: 1_000, maxBytes: 262_144, timeoutMs: 1_000 },
    destination: { protocol: 'HTTP', port: 80, path: '/path?q=1' },
  });
  const wrong: [object, RegExp][] = [
    [{ ...good, types: ['all'] }, /types accepts platform, function, extension/],
    [{ ...good, schemaVersion: '2020-01-01' }, /schemaVersion accepts/],
    [{ ...good, buffering: { timeoutMs: 24 } }, /buffering timeoutMs accepts 25 to 30000/],
    [{ ...good, buffering: { maxItems: 10_001 } }, /buffering maxItems accepts 1000 to 10000/],
    [
      { ...good, destination: { protocol: 'UDP', URI: 'http://example.com:1' } },
      /protocol accepts HTTP, TCP; .* host accepts/,
    ],
    [{ ...good, destination: { protocol: 'HTTP', URI: 'http://sandbox.localdomain:70000' } }, /URI port/],
  ];
  for (const [subscription, message] of wrong) {
    const parsed = parseSubscription(subscription);
    assert.ok('wrong' in parsed, JSON.stringify(subscription));
    assert.match(parsed.wrong.join('; '), message);
  }
});
