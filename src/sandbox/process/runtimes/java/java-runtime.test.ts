import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { compileJava, javaCompiler } from '../../../../../test/fakes/compile-java.ts';
import {
  answerOf,
  errorOf,
  openTestSandbox,
  type TestSandbox,
  type Tried,
} from '../../../../../test/fakes/process-sandbox.ts';

/** One class with a method for each thing to be tried: compiling is the slow part. */
const source = `package example;

import com.amazonaws.services.lambda.runtime.*;
import java.io.*;
import java.math.BigDecimal;
import java.util.*;

public class Tried {
    public enum Colour { RED, GREEN }

    public static class Order {
        private String name;
        private int count;
        private List<Line> lines = new ArrayList<>();
        private Map<Colour, BigDecimal> prices;
        private UUID id;
        private Optional<String> note = Optional.empty();
        public boolean open;
        public String getName() { return name; }
        public void setName(String name) { this.name = name; }
        public int getCount() { return count; }
        public void setCount(int count) { this.count = count; }
        public List<Line> getLines() { return lines; }
        public void setLines(List<Line> lines) { this.lines = lines; }
        public Map<Colour, BigDecimal> getPrices() { return prices; }
        public void setPrices(Map<Colour, BigDecimal> prices) { this.prices = prices; }
        public UUID getId() { return id; }
        public void setId(UUID id) { this.id = id; }
        public Optional<String> getNote() { return note; }
        public void setNote(Optional<String> note) { this.note = note; }
    }

    /** As the events of Lambda's own library are: a constructor of all fields. */
    public static class Line {
        private final String item;
        private final long[] sizes;
        public Line(String item, long[] sizes) { this.item = item; this.sizes = sizes; }
        public String getItem() { return item; }
        public long[] getSizes() { return sizes; }
        public boolean isLong() { return sizes.length > 2; }
    }

    /** As Lambda's S3Event is: nothing can be set, and what it holds is its parent's. */
    public static class Notification {
        private final List<Entry> records;
        public Notification(List<Entry> records) { this.records = records; }
        public List<Entry> getRecords() { return records; }
    }
    public static class S3Event extends Notification {
        private static final long serialVersionUID = 1L;
        public S3Event() { super(new ArrayList<>()); }
        public S3Event(List<Entry> records) { super(records); }
    }
    public static class Entry {
        private final String eventName;
        private java.time.ZonedDateTime eventTime;
        private final String xAmzId2;
        public Entry(String eventName, String eventTime, String xAmzId2) {
            this.eventName = eventName;
            this.eventTime = eventTime == null ? null : java.time.ZonedDateTime.parse(eventTime);
            this.xAmzId2 = xAmzId2;
        }
        public String getEventName() { return eventName; }
        public java.time.ZonedDateTime getEventTime() { return eventTime; }
        public String getxAmzId2() { return xAmzId2; }
    }
    public Notification bucket(S3Event event) { return event; }

    public static abstract class Base<T> implements RequestHandler<List<T>, T> {}
    public static class First extends Base<Line> {
        public Line handleRequest(List<Line> lines, Context context) { return lines.get(0); }
    }
    public static class Streams implements RequestStreamHandler {
        public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
            out.write('"');
            for (int one = in.read(); one >= 0; one = in.read()) if (one != '"') out.write(Character.toUpperCase(one));
            out.write('"');
        }
    }
    public static class Neither {}
    public static class Raw implements RequestHandler { public Object handleRequest(Object event, Context context) { return event; } }
    public static class Unloadable { static final int NONE = Integer.parseInt("none"); public int handle() { return NONE; } }
    public class Inner { public String handle() { return ""; } }

    public Order order(Order order) { order.count += 1; return order; }
    public String text(String text, Context context) { return text + " " + context.getFunctionName(); }
    public int sum(int[] numbers) { int sum = 0; for (int one : numbers) sum += one; return sum; }
    public Double half(double number) { return number / 2; }
    public void nothing() {}
    public Set<String> set(Set<String> set) { return set; }
    public Object object(Object event) { return event; }
    public byte[] bytes(byte[] bytes) { return bytes; }
    public void write(InputStream in, OutputStream out, Context context) throws IOException { out.write("{\\"raw\\":1}".getBytes()); }
    public String over(String one) { return "short"; }
    public String over(String one, Context context) { return "long"; }
    public String fails(Object event) { throw new IllegalStateException("outer", new IOException("inner")); }
    public String checked(Object event) throws IOException { throw new FileNotFoundException("gone"); }
    public String deep(Object event) { return deep(event); }
    public String fill(Object event) { List<long[]> kept = new ArrayList<>(); while (true) kept.add(new long[1_000_000]); }
    public Object circle(Object event) { Map<String, Object> map = new HashMap<>(); map.put("self", map); return map; }
    public String logs(Object event, Context context) {
        context.getLogger().log("one\\ntwo\\n");
        LambdaRuntime.getLogger().log("three".getBytes());
        System.out.println("four");
        System.err.print("five");
        return System.getenv("COLOUR") + System.getProperty("com.amazonaws.xray.traceHeader");
    }
    public String levels(Object event, Context context) {
        context.getLogger().log("plain");
        context.getLogger().log("fine", com.amazonaws.services.lambda.runtime.logging.LogLevel.DEBUG);
        context.getLogger().log("bad", com.amazonaws.services.lambda.runtime.logging.LogLevel.ERROR);
        return "";
    }
    public Map<String, String> client(Object event, Context context) {
        Map<String, String> all = new TreeMap<>(context.getClientContext().getCustom());
        all.put("app", context.getClientContext().getClient().getAppTitle());
        all.put("env", context.getClientContext().getEnvironment().get("locale"));
        return all;
    }
    public int left(int waitMs, Context context) throws InterruptedException { Thread.sleep(waitMs); return context.getRemainingTimeInMillis(); }
    public String sees() {
        try { Class.forName("mayfly.runtime.Main"); return "ours"; } catch (ClassNotFoundException absent) { return "only its own"; }
    }
}
`;

const compiler = await javaCompiler();

describe('the Java runtime', { skip: compiler === undefined && 'there is no JDK in /usr/lib/jvm' }, () => {
  let opened: TestSandbox;
  let files: Record<string, Uint8Array> = {};

  before(async () => {
    if (compiler === undefined) return;
    opened = await openTestSandbox();
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-java-source-'));
    await writeFile(join(folder, 'Tried.java'), source);
    files = compileJava(compiler, [join(folder, 'Tried.java')], ['--release', '9']);
    await rm(folder, { recursive: true });
  });
  after(() => opened.close());

  const start = (
    handler: string,
    options: { variables?: Record<string, string>; memoryMb?: number } = {},
  ): Promise<Tried> => opened.start({ runtime: 'java', handler, files, variables: { COLOUR: 'green' }, ...options });

  const order = {
    name: 'tea',
    count: 1,
    lines: [{ item: 'a', sizes: [1, 2, 3] }],
    prices: { RED: 1.5 },
    id: '00000000-0000-0000-0000-000000000001',
    note: 'now',
    open: true,
    other: 1,
  };
  const { other: _, ...known } = order;
  const answers: [what: string, handler: string, event: unknown, answer: unknown][] = [
    [
      'an object with setters',
      'example.Tried::order',
      order,
      { ...known, count: 2, lines: [{ item: 'a', sizes: [1, 2, 3], long: true }] },
    ],
    [
      'names that differ in their case',
      'example.Tried::order',
      { Name: 'tea', LINES: [] },
      { name: 'tea', count: 1, lines: [], prices: null, id: null, note: null, open: false },
    ],
    ['text, and a context', 'example.Tried::text', 'ä水', 'ä水 tried'],
    ['a number as text', 'example.Tried::text', 7, '7 tried'],
    ['an array', 'example.Tried::sum', [1, 2, 3], 6],
    ['a primitive', 'example.Tried::half', 3, 1.5],
    ['nothing at all', 'example.Tried::nothing', { a: 1 }, null],
    ['a set', 'example.Tried::set', ['a', 'b', 'a'], ['a', 'b']],
    [
      'whatever comes',
      'example.Tried::object',
      { a: [1, 2.5, 12345678901, null, true, '\u0001"'] },
      { a: [1, 2.5, 12345678901, null, true, '\u0001"'] },
    ],
    ['bytes', 'example.Tried::bytes', 'aGVsbG8=', 'aGVsbG8='],
    [
      'a bucket notification',
      'example.Tried::bucket',
      { Records: [{ eventName: 'put', eventTime: '2026-01-01T00:00:00.000Z', 'x-amz-id-2': 'i' }] },
      { records: [{ eventName: 'put', eventTime: '2026-01-01T00:00Z', xAmzId2: 'i' }] },
    ],
    ['streams', 'example.Tried::write', {}, { raw: 1 }],
    ['the longer of two methods', 'example.Tried::over', '', 'long'],
    [
      'RequestHandler, whose types are above it',
      'example.Tried$First',
      [{ item: 'a', sizes: [] }],
      { item: 'a', sizes: [], long: false },
    ],
    [
      'RequestHandler by its method',
      'example.Tried$First::handleRequest',
      [{ item: 'a', sizes: [] }],
      { item: 'a', sizes: [], long: false },
    ],
    ['RequestStreamHandler', 'example.Tried$Streams', 'abc', 'ABC'],
    ['no class of ours', 'example.Tried::sees', null, 'only its own'],
  ];
  for (const [what, handler, event, answer] of answers) {
    test(`a handler takes ${what}`, async () => {
      const { init, invoke } = await start(handler);
      assert.deepEqual(init, { status: 'ready' });
      assert.deepEqual(answerOf(await invoke(event)), answer);
    });
  }

  const faults: [handler: string, errorType: string, errorMessage: string][] = [
    ['example.Absent', 'java.lang.ClassNotFoundException', 'Class not found: example.Absent'],
    [
      'example.Tried::absent',
      'Function.BadFunctionCode',
      'No public method named absent with appropriate method signature found on class example.Tried',
    ],
    ['example.Tried::', 'Function.BadFunctionCode', "Invalid handler: `example.Tried::'"],
    [
      'example.Tried$Neither',
      'Function.BadFunctionCode',
      'Class does not implement an appropriate handler interface: example.Tried$Neither',
    ],
    [
      'example.Tried$Raw',
      'Function.BadFunctionCode',
      'Class example.Tried$Raw does not implement RequestHandler with concrete type parameters',
    ],
    [
      'example.Tried$Inner::handle',
      'java.lang.Exception',
      'Class example.Tried$Inner cannot be instantiated because it is a non-static inner class',
    ],
  ];
  for (const [handler, errorType, errorMessage] of faults) {
    test(`each invocation says: ${errorMessage}`, async () => {
      const { init, invoke } = await start(handler);
      assert.deepEqual(init, { status: 'ready' });
      assert.deepEqual(errorOf(await invoke({})), { errorType, errorMessage });
      assert.deepEqual(errorOf(await invoke({})), { errorType, errorMessage });
    });
  }

  test('a class that fails while it is loaded fails the initialisation', async () => {
    const { init, environment } = await start('example.Tried$Unloadable::handle');
    const { errorType, errorMessage } = errorOf(init);
    assert.equal(errorType, 'java.lang.ExceptionInInitializerError');
    assert.equal(errorMessage, 'Error loading class example.Tried$Unloadable');
    await environment.ended;
  });

  test('an exception has its type, stack and cause, and is logged as Java prints it', async () => {
    const { invoke, lines } = await start('example.Tried::fails');
    const { cause, ...error } = errorOf(await invoke({}));
    assert.deepEqual(error, {
      errorMessage: 'outer',
      errorType: 'java.lang.IllegalStateException',
      stackTrace: [error.stackTrace?.[0]],
    });
    assert.match(error.stackTrace?.[0] ?? '', /^example\.Tried\.fails\(Tried\.java:\d+\)$/);
    assert.deepEqual(
      { ...(cause as object), stackTrace: [] },
      { errorMessage: 'inner', errorType: 'java.io.IOException', stackTrace: [] },
    );
    assert.match(
      lines[0]?.text ?? '',
      /^outer: java\.lang\.IllegalStateException\njava\.lang\.IllegalStateException: outer\n\tat example\.Tried\.fails\(.*Caused by: java\.io\.IOException: inner\n/s,
    );
  });

  const failures: [handler: string, event: unknown, errorType: string, errorMessage: RegExp, ends?: true][] = [
    ['example.Tried::checked', {}, 'java.io.FileNotFoundException', /^gone$/],
    ['example.Tried::deep', {}, 'java.lang.StackOverflowError', /^java\.lang\.StackOverflowError$/, true],
    ['example.Tried::fill', {}, 'java.lang.OutOfMemoryError', /^Java heap space$/, true],
    ['example.Tried::sum', 'text', 'java.lang.RuntimeException', /^An error occurred during JSON parsing$/],
    ['example.Tried::text', { a: 1 }, 'java.lang.RuntimeException', /^An error occurred during JSON parsing$/],
    [
      'example.Tried::circle',
      {},
      'java.lang.RuntimeException',
      /^An error occurred during JSON serialization of response$/,
    ],
  ];
  for (const [handler, event, type, message, ends] of failures) {
    test(`${handler.slice(15)} of ${JSON.stringify(event)} fails with ${type}${ends ? ', which ends the environment' : ''}`, async () => {
      const { invoke, environment } = await start(handler);
      const { errorType, errorMessage } = errorOf(await invoke(event));
      assert.equal(errorType, type);
      assert.match(errorMessage, message);
      if (ends) await environment.ended;
      else assert.equal(errorOf(await invoke(event)).errorType, type);
    });
  }

  test('loggers write records, System.out lines; variables and the trace are there', async () => {
    const { invoke, lines } = await start('example.Tried::logs');
    assert.equal(answerOf(await invoke({}, { traceId: 'Root=1-2-3' })), 'greenRoot=1-2-3');
    assert.deepEqual(
      lines.map(({ text }) => text),
      ['one\ntwo', 'three', 'four', 'five'],
    );
  });

  test('loggers write JSON where the function asks for it, and leave out what is below its level', async () => {
    const variables = { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'INFO' };
    const { invoke, lines } = await start('example.Tried::levels', { variables });
    await invoke({}, { requestId: 'r-1' as never });
    const records = lines.map(({ text }) => JSON.parse(text) as { timestamp: string });
    for (const { timestamp } of records) assert.match(timestamp, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(
      records.map(({ timestamp: _at, ...record }) => record),
      [
        { message: 'plain', AWSRequestId: 'r-1' },
        { level: 'ERROR', message: 'bad', AWSRequestId: 'r-1' },
      ],
    );
  });

  test('the client context', async () => {
    const { invoke } = await start('example.Tried::client');
    const clientContext = JSON.stringify({
      client: { app_title: 'Shop' },
      custom: { who: 'Zoë' },
      env: { locale: 'de' },
    });
    assert.deepEqual(answerOf(await invoke({}, { clientContext })), { app: 'Shop', env: 'de', who: 'Zoë' });
  });

  test('an event that arrives while one runs is told its own time', async () => {
    const { environment, invoke } = await start('example.Tried::left');
    assert.ok(environment.room > 1);
    const [first, second] = await Promise.all([
      invoke(200, { timeoutMs: 20_000, deadlineMs: Date.now() + 20_000 }),
      invoke(0, { timeoutMs: 60_000 }),
    ]);
    assert.ok(Number(answerOf(first)) < 20_000);
    if (second.status === 'response') assert.ok(Number(answerOf(second)) > 30_000);
  });
});
