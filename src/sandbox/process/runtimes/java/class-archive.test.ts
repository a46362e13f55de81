import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { compileJava, javaCompiler } from '../../../../../test/fakes/compile-java.ts';
import { answerOf, openTestSandbox, type TestSandbox, type Tried } from '../../../../../test/fakes/process-sandbox.ts';
import type { RuntimeName } from '../../../../util/runtime-names.ts';
import { ClassArchive } from '../../environment/class-archives.ts';
import { javaHomes } from './java-homes.ts';
import { recordsClasses } from './build-java-runtime.ts';

/** Loading it takes long enough for an archive to be kept. */
const source = `package example;
import java.io.File;
import java.lang.management.*;
import java.nio.file.*;
import java.util.*;
public class Slow {
    static final List<String> KNOWN = new ArrayList<>();
    static {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        while (threads.getCurrentThreadCpuTime() < 500_000_000L) new Part().run();
        KNOWN.clear();
        new Part().run();
    }
    static class Part { void run() { KNOWN.add(System.getenv("WHO")); } }
    /** Refers to what is not there. */
    static class Lacking extends Absent {}
    static class Late { String name = "late"; }
    public Map<String, Object> sees(Object event) throws Exception {
        Map<String, Object> seen = new TreeMap<>();
        seen.put("who", KNOWN);
        seen.put("late", new Late().name);
        seen.put("loader", Slow.class.getClassLoader() == Thread.currentThread().getContextClassLoader());
        seen.put("from", Slow.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        seen.put("package", Slow.class.getPackage().getName());
        seen.put("resource", Slow.class.getResource("Slow.class").getPath());
        try { Class.forName("example.Slow$Lacking"); } catch (NoClassDefFoundError lacking) { seen.put("lacking", lacking.getMessage()); }
        String[] shown = new File("/var/archive").list();
        seen.put("archive", shown == null ? new String[0] : shown);
        Set<String> mapped = new TreeSet<>();
        for (String line : Files.readAllLines(Paths.get("/proc/self/maps"))) if (line.contains("/var/archive/")) mapped.add(line.replaceFirst(".*/", ""));
        seen.put("mapped", mapped);
        seen.put("writable", new File("/var/archive/classes").canWrite() || new File("/var/archive").canWrite());
        seen.put("left", new File("/tmp").list());
        return seen;
    }
}
`;
const absent = 'package example; class Absent {}';
const other = 'package example; public class Other { public String answers(Object event) { return "other"; } }';

const homes = await javaHomes();
const compiler = await javaCompiler();
const names = (
  [
    ['java17', 17],
    ['java25', 25],
  ] as const
).filter(([, major]) => homes.some((home) => home.major === major && recordsClasses(home)));
const bytesMax = 100 * 1024 * 1024;

type Seen = { who: string[]; archive: string[]; mapped: string[]; left: string[]; writable: boolean; loader: boolean };

describe('an archive of classes', { skip: compiler === undefined && 'there is no JDK in /usr/lib/jvm' }, () => {
  let opened: TestSandbox;
  let files: Record<string, Uint8Array> = {};
  let quick: Record<string, Uint8Array> = {};
  before(async () => {
    if (compiler === undefined) return;
    opened = await openTestSandbox();
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-java-source-'));
    await writeFile(join(folder, 'Slow.java'), source);
    await writeFile(join(folder, 'Absent.java'), absent);
    await writeFile(join(folder, 'Other.java'), other);
    const compiled = compileJava(
      compiler,
      ['Slow', 'Absent', 'Other'].map((name) => join(folder, `${name}.java`)),
      ['--release', '11'],
    );
    const isOf = (name: string): boolean => name === 'example/Other.class';
    quick = Object.fromEntries(Object.entries(compiled).filter(([name]) => isOf(name)));
    files = Object.fromEntries(
      Object.entries(compiled).filter(([name]) => !isOf(name) && name !== 'example/Absent.class'),
    );
    await rm(folder, { recursive: true });
  });
  after(() => opened.close());
  const handler = 'example.Slow::sees';
  const record = async (
    runtime: RuntimeName,
    options: { variables?: Record<string, string>; memoryMb?: number } = {},
  ): Promise<{ template: ClassArchive; bundle: string }> => {
    const making = await opened.start({ runtime, handler, files, forTemplate: { imports: [] }, ...options });
    assert.deepEqual(making.init, { status: 'ready' }, JSON.stringify(making.lines));
    const template = await making.environment.becomeTemplate(bytesMax);
    await making.environment.ended;
    assert.deepEqual(making.lines, [], 'of its making nothing is in the log');
    assert.ok(template instanceof ClassArchive, JSON.stringify(template));
    return { template, bundle: making.bundle };
  };

  for (const [runtime] of names) {
    test(`is used by other environments, which see of their code what they always do, in ${runtime}`, async () => {
      const plain = await opened.start({ runtime, handler, files, variables: { WHO: 'plain' } });
      const { who: own, archive: none, mapped: without, ...expected } = answerOf(await plain.invoke({})) as Seen;
      assert.deepEqual([own, none, without], [['plain'], [], []]);
      const { template, bundle } = await record(runtime, { variables: { WHO: 'template' } });
      assert.deepEqual((await readdir(template.folder)).toSorted(), ['classes', 'pack']);
      const going = await opened.start({ runtime, handler, files: {}, bundle, template, variables: { WHO: 'own' } });
      assert.deepEqual(going.init, { status: 'ready' });
      const { who, archive, mapped, ...seen } = answerOf(await going.invoke({})) as Seen;
      assert.deepEqual([who, archive.toSorted(), mapped], [['own'], ['classes', 'pack'], ['classes', 'pack']]);
      assert.deepEqual(seen, expected);
      assert.deepEqual([seen.writable, seen.left], [false, []]);
      assert.deepEqual(going.lines, []);
      template.release();
      assert.deepEqual(
        (answerOf(await going.invoke({})) as Seen).who,
        ['own'],
        'it is in use until its last environment ends',
      );
    });
  }

  test('that is damaged, or of another function, is passed over', async () => {
    const [runtime = 'java'] = names[0] ?? [];
    const { template, bundle } = await record(runtime);
    const start = (): Promise<Tried> => opened.start({ runtime, handler, files: {}, bundle, template });
    for (const file of ['classes', 'pack']) {
      const path = join(template.folder, file);
      const whole = await readFile(path);
      for (const damaged of [Buffer.alloc(100, 7), Buffer.alloc(0)]) {
        await rm(path);
        await writeFile(path, damaged);
        const { init, invoke, lines } = await start();
        assert.deepEqual(init, { status: 'ready' }, `${file} of ${damaged.length} bytes`);
        assert.equal((answerOf(await invoke({})) as Seen).loader, true);
        assert.deepEqual(lines, []);
      }
      await writeFile(path, whole);
    }
    const another = await opened.start({ runtime, handler: 'example.Other::answers', files: quick, template });
    assert.equal(answerOf(await another.invoke({})), 'other');
  });

  test('is made beside the memory that the function has', async () => {
    const [runtime = 'java'] = names[0] ?? [];
    const { template, bundle } = await record(runtime, { memoryMb: 128 });
    const { invoke } = await opened.start({ runtime, handler, files: {}, bundle, template, memoryMb: 128 });
    assert.deepEqual((answerOf(await invoke({})) as Seen).mapped, ['classes', 'pack']);
  });
});
