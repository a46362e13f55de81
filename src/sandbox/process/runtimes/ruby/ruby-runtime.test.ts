import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  type TestSandbox,
  type Tried,
} from '../../../../../test/fakes/process-sandbox.ts';
import { rubyRuntime } from './ruby-runtime.ts';

const found = await rubyRuntime('ruby').find();

describe('the Ruby runtime', { skip: 'missing' in found && found.missing }, () => {
  let opened: TestSandbox;
  before(async () => (opened = await openTestSandbox()));
  after(() => opened.close());

  const start = (
    source: string,
    options: { handler?: string; files?: Record<string, string>; variables?: Record<string, string> } = {},
  ): Promise<Tried> => {
    const { files = {}, ...rest } = options;
    return opened.start({ runtime: 'ruby', files: { 'index.rb': source, ...files }, ...rest });
  };

  async function answerTo(
    source: string,
    options: Parameters<typeof start>[1] = {},
    event: unknown = { n: 41 },
  ): Promise<unknown> {
    const { init, invoke, environment } = await start(source, options);
    assert.deepEqual(init, { status: 'ready' });
    const answer = answerOf(await invoke(event));
    await environment.stop();
    return answer;
  }

  const add = (body = "event['n'] + 1"): string => `def handler(event:, context:)\n  ${body}\nend\n`;
  const gem = {
    'gems/adder-1.0/lib/adder.rb': 'ONE = 1',
    'specifications/adder-1.0.gemspec':
      'Gem::Specification.new { |s| s.name = "adder"; s.version = "1.0"; s.summary = "adds"; s.authors = ["a"]; s.files = ["lib/adder.rb"] }',
  };
  const below = (folder: string, files: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
  const places: [string, string, Parameters<typeof start>[1]?][] = [
    ['a method of the file', add()],
    [
      'a method of a class',
      'class Adder\n  def self.handler(event:, context:) = event["n"] + 1\nend',
      { handler: 'index.Adder.handler' },
    ],
    [
      'a method of a class in a module',
      'module Lib\n  class Adder\n    def self.handler(event:, context:) = event["n"] + 1\n  end\nend',
      { handler: 'index.Lib::Adder.handler' },
    ],
    ['a file in a folder', '', { handler: 'lib/math.handler', files: { 'lib/math.rb': add() } }],
    ['a file beside it', `require 'adder'\n${add("event['n'] + ONE")}`, { files: { 'adder.rb': 'ONE = 1' } }],
    [
      'a file that RUBYLIB names',
      `require 'adder'\n${add("event['n'] + ONE")}`,
      { files: { 'more/adder.rb': 'ONE = 1' }, variables: { RUBYLIB: '/var/task/more' } },
    ],
    [
      'a gem of the bundle',
      `require 'adder'\n${add("event['n'] + ONE")}`,
      { files: below('vendor/bundle/ruby/3.1.0', gem) },
    ],
    [
      'a gem that was bundled by another Ruby',
      `require 'adder'\n${add("event['n'] + ONE")}`,
      { files: below('vendor/bundle/ruby/3.4.0', gem) },
    ],
  ];
  for (const [what, source, options] of places) {
    test(`finds ${what}`, async () => assert.equal(await answerTo(source, options), 42));
  }

  test('a gem of a layer is found', async () => {
    const { invoke } = await opened.start({
      runtime: 'ruby',
      files: { 'index.rb': `require 'adder'\n${add("event['n'] + ONE")}` },
      layers: below('ruby/gems/3.1.0', gem),
    });
    assert.equal(answerOf(await invoke({ n: 41 })), 42);
  });

  test('answers are JSON as to_json makes it, and those of a StringIO are as they are', async () => {
    assert.deepEqual(await answerTo(add('[nil, true, 1.5, :symbol, { a: "ü水" }, event]'), {}, { n: [null] }), [
      null,
      true,
      1.5,
      'symbol',
      { a: 'ü水' },
      { n: [null] },
    ]);
    assert.deepEqual(await answerTo(add('StringIO.new("{\\"raw\\": 1}")')), { raw: 1 });
  });

  const initErrors: [string, string, RegExp, string?][] = [
    ['Init<LoadError>', '', /^cannot load such file -- nowhere$/, 'nowhere.handler'],
    ['Init<LoadError>', "require 'left_out'", /^cannot load such file -- left_out$/],
    ['Init<SyntaxError>', 'def handler(', /index\.rb:1: syntax error/],
    [
      'Init<ArgumentError>',
      '',
      /^Invalid handler \["index"\], must be of form FILENAME\.METHOD or FILENAME\.CLASS\.METHOD/,
      'index',
    ],
    ['Init<ZeroDivisionError>', '1 / 0', /^divided by 0$/],
    ['Init<SystemExit>', 'exit', /^exit$/],
  ];
  for (const [errorType, source, message, handler = 'index.handler'] of initErrors) {
    test(`init says ${errorType}: ${message.source}`, async () => {
      const { init, environment } = await start(source, { handler });
      const error = errorOf(init);
      assert.equal(error.errorType, errorType);
      assert.match(error.errorMessage, message);
      await environment.ended;
    });
  }

  test("an error has the function's own stack and is logged; the environment lives on", async () => {
    const { invoke, lines } = await start(
      "def deep = raise(ArgumentError, 'tea')\ndef handler(event:, context:)\n  event ? deep : 1\nend\n",
    );
    assert.deepEqual(errorOf(await invoke({})), {
      errorMessage: 'tea',
      errorType: 'Function<ArgumentError>',
      stackTrace: ["/var/task/index.rb:1:in `deep'", "/var/task/index.rb:3:in `handler'"],
    });
    assert.equal(lines[0]?.text, 'Error raised from handler method');
    assert.deepEqual(JSON.parse(lines[1]?.text ?? '').errorType, 'Function<ArgumentError>');
    assert.equal(answerOf(await invoke(null)), 1);
  });

  const ends: [string, string, string][] = [
    ['a method that is not there', 'nothing_of_the_kind(1)', 'Function<NoMethodError>'],
    ['exit', 'exit', 'Function<SystemExit>'],
    ['abort', 'abort("that is it")', 'Function<SystemExit>'],
    ['a stack that is used up', 'handler(event: event, context: context)', 'Function<SystemStackError>'],
    ['an Exception', 'raise Exception, "no"', 'Function<Exception>'],
  ];
  for (const [what, body, errorType] of ends) {
    test(`${what} is an error that ends the environment`, async () => {
      const { invoke, environment } = await start(add(body));
      assert.equal(errorOf(await invoke({})).errorType, errorType);
      await environment.ended;
    });
  }

  test('a handler that is not there is told by the invocation, as on Lambda', async () => {
    const { init, invoke } = await start('');
    assert.deepEqual(init, { status: 'ready' });
    const { errorType, errorMessage } = errorOf(await invoke({}));
    assert.equal(errorType, 'Function<NoMethodError>');
    assert.match(errorMessage, /^undefined method `handler'/);
  });

  test('puts is one record of the log, other printing is lines; a logger writes records with the request', async () => {
    const source = `require 'logger'
def handler(event:, context:)
  puts 'one', 'two'
  print "three\\nfo"
  $stderr.write('ur', "\\n")
  warn 'five'
  p :six
  Logger.new($stdout).info('sev' + "\\nen")
  file = StringIO.new
  Logger.new(file).info('eight')
  file.string.include?('eight')
end
`;
    const { invoke, lines } = await start(source);
    assert.equal(answerOf(await invoke({}, { requestId: 'r-1' as never })), true);
    const texts = lines.map(({ text }) => text);
    assert.match(texts.pop() ?? '', /^I, \[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6} #\d+\]  INFO r-1 -- : sev\nen$/);
    assert.deepEqual(texts, ['one\ntwo', 'three', 'ur', 'five', 'fo:six']);
  });

  test('a logger writes JSON where the function asks for it, and leaves out what is below its level', async () => {
    const source = `require 'logger'
def handler(event:, context:)
  logger = Logger.new($stdout)
  logger.debug('fine')
  logger.error({ a: 1 })
  Logger.new($stdout, level: :debug).debug("two\nlines")
end
`;
    const variables = { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'INFO' };
    const { invoke, lines } = await start(source, { variables });
    await invoke({}, { requestId: 'r-1' as never });
    const records = lines.map(({ text }) => JSON.parse(text) as { timestamp: string });
    for (const { timestamp } of records) assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(
      records.map(({ timestamp: _at, ...record }) => record),
      [
        { level: 'ERROR', message: '{:a=>1}', requestId: 'r-1' },
        { level: 'DEBUG', message: 'two\nlines', requestId: 'r-1' },
      ],
    );
  });

  test('an event that arrives while one runs is told its own time', async () => {
    const { environment, invoke } = await start(
      'def handler(event:, context:)\n  sleep 0.2\n  context.get_remaining_time_in_millis\nend\n',
    );
    assert.ok(environment.room > 1);
    const [first, second] = await Promise.all([
      invoke({}, { timeoutMs: 20_000, deadlineMs: Date.now() + 20_000 }),
      invoke({}, { timeoutMs: 60_000 }),
    ]);
    assert.ok(Number(answerOf(first)) < 20_000);
    if (second.status === 'response') assert.ok(Number(answerOf(second)) > 30_000);
  });

  test('a copy of the process that comes back as well does not answer', async () => {
    const { invoke } = await start(add('fork; Process.pid'));
    const [first, second] = [answerOf(await invoke({})), answerOf(await invoke({}))];
    assert.equal(first, second);
  });
});
