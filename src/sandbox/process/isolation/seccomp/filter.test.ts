import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { codes, encode, returns, type Instruction } from './bpf.ts';
import { architectures, filterProgram, seccompFilter, type Architecture } from './filter.ts';
import { checkedCalls, namespaceFlags } from './policy.ts';
import { allowedCalls, refusedCalls } from './system-calls.ts';

const refused = returns.error(1);
const unknown = returns.error(38);

test('what is listed is allowed, refused or unknown, on both architectures', () => {
  for (const architecture of ['x64', 'arm64'] as const) {
    const { column } = architectures[architecture];
    for (const [name, numbers] of Object.entries(allowedCalls)) {
      const number = numbers[column];
      if (number !== undefined) assert.equal(judge(architecture, number), returns.allow, `${name} on ${architecture}`);
    }
    for (const [name, numbers] of Object.entries(refusedCalls)) {
      const number = numbers[column];
      if (number !== undefined) assert.equal(judge(architecture, number), refused, `${name} on ${architecture}`);
    }
    // clone3 has the same number everywhere.
    assert.equal(judge(architecture, 435), unknown);
    assert.equal(judge(architecture, 100_000), unknown);
    assert.equal(judge(architecture, 0xffff_ffff), unknown);
  }
});

test('no number is in two lists', () => {
  for (const column of [0, 1] as const) {
    const all = [
      ...Object.values(allowedCalls),
      ...Object.values(refusedCalls),
      ...Object.values(checkedCalls).map((call) => call.numbers),
    ];
    const numbers = all.map((pair) => pair[column]).filter((number) => number !== undefined);
    assert.equal(new Set(numbers).size, numbers.length);
  }
});

test('every number is judged by what the lists say of it', () => {
  const known = (column: 0 | 1): Map<number, number> =>
    new Map([
      ...Object.values(allowedCalls).map((numbers): [number, number] => [numbers[column] ?? -1, returns.allow]),
      ...Object.values(refusedCalls).map((numbers): [number, number] => [numbers[column] ?? -1, refused]),
    ]);
  const checked = new Set<number | undefined>(Object.values(checkedCalls).flatMap((call) => call.numbers));
  fc.assert(
    fc.property(
      fc.constantFrom('x64' as const, 'arm64' as const),
      fc.oneof(fc.nat(600), fc.nat(0xffff_ffff)),
      (architecture, number) => {
        if (checked.has(number)) return;
        assert.equal(judge(architecture, number), known(architectures[architecture].column).get(number) ?? unknown);
      },
    ),
  );
});

test('another architecture than the machine’s ends the process', () => {
  const i386 = 0x4000_0003;
  assert.equal(run(filterProgram('x64'), { number: 0, architecture: i386, args: [] }), returns.killProcess);
  assert.equal(
    run(filterProgram('arm64'), { number: 0, architecture: architectures.x64.audit, args: [] }),
    returns.killProcess,
  );
});

test('the x32 variants of calls are unknown', () => {
  assert.equal(judge('x64', 0x4000_0000), unknown);
  assert.equal(judge('x64', 0x4000_0000 + 520), unknown);
});

test('clone makes threads and processes, but no namespace', () => {
  const threadFlags = 0x3d0f00;
  for (const [architecture, clone] of [
    ['x64', 56],
    ['arm64', 220],
  ] as const) {
    assert.equal(judge(architecture, clone, [threadFlags]), returns.allow);
    assert.equal(judge(architecture, clone, [17]), returns.allow);
    for (let bit = 0; bit < 32; bit++) {
      const flag = (1 << bit) >>> 0;
      if ((flag & namespaceFlags) !== 0)
        assert.equal(judge(architecture, clone, [(flag | 17) >>> 0]), refused, `flag ${flag.toString(16)}`);
    }
  }
});

test('sockets: of the families and types that programs talk with, nothing raw', () => {
  const socket = (...args: number[]): number => judge('x64', 41, args);
  const [stream, datagram, raw, nonBlockingCloseOnExec] = [1, 2, 3, 0o2004000];
  assert.equal(socket(1, stream, 0), returns.allow);
  assert.equal(socket(2, stream | nonBlockingCloseOnExec, 6), returns.allow);
  assert.equal(socket(10, datagram, 17), returns.allow);
  assert.equal(socket(2, raw, 1), refused);
  assert.equal(socket(2, raw | nonBlockingCloseOnExec, 255), refused);
  assert.equal(socket(16, raw, 0), returns.allow, 'netlink ROUTE, as getifaddrs opens it');
  assert.equal(socket(16, raw, 12), refused, 'netlink NETFILTER');
  for (const family of [15, 17, 31, 38, 40, 44]) assert.equal(socket(family, raw, 0), refused, `family ${family}`);
});

test('device nodes are refused, pipes and sockets are not', () => {
  const [pipe, block, character] = [0o010644, 0o060644, 0o020644];
  assert.equal(judge('x64', 259, [0, 0, pipe]), returns.allow);
  assert.equal(judge('x64', 259, [0, 0, block]), refused);
  assert.equal(judge('x64', 133, [0, character]), refused);
  assert.equal(judge('arm64', 33, [0, 0, character]), refused);
});

test('typing into the terminal and odd personalities are refused', () => {
  assert.equal(judge('x64', 16, [0, 0x5412]), refused);
  assert.equal(judge('x64', 16, [0, 0x5401]), returns.allow);
  assert.equal(judge('x64', 135, [0xffff_ffff]), returns.allow);
  assert.equal(judge('x64', 135, [0x40_0000]), refused);
});

test('the program is encoded as the kernel reads it', () => {
  assert.deepEqual(
    encode([{ code: 0x15, whenTrue: 1, whenFalse: 2, value: 0xc000_003e }]),
    Buffer.from('15000102 3e0000c0'.replace(' ', ''), 'hex'),
  );
  assert.equal(seccompFilter('x64').length, filterProgram('x64').length * 8);
});

function judge(architecture: Architecture, number: number, args: readonly number[] = []): number {
  return run(filterProgram(architecture), { number, architecture: architectures[architecture].audit, args });
}

/** What the kernel does with a program, for the instructions that ours has. */
function run(
  program: readonly Instruction[],
  call: { number: number; architecture: number; args: readonly number[] },
): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number, 0);
  data.writeUInt32LE(call.architecture, 4);
  call.args.forEach((value, index) => data.writeUInt32LE(value, 16 + 8 * index));
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const instruction = program[at];
    assert(instruction !== undefined, 'ran off the end');
    const { code, value, whenTrue, whenFalse } = instruction;
    assert(whenTrue <= 255 && whenFalse <= 255 && whenTrue >= 0 && whenFalse >= 0);
    if (code === codes.load) accumulator = data.readUInt32LE(value);
    else if (code === codes.and) accumulator = (accumulator & value) >>> 0;
    else if (code === codes.jump) at += value;
    else if (code === codes.jumpIfEqual) at += accumulator === value ? whenTrue : whenFalse;
    else if (code === codes.jumpIfAtLeast) at += accumulator >= value ? whenTrue : whenFalse;
    else if (code === codes.return) return value;
    else assert.fail(`instruction ${code}`);
  }
}
