/**
 * The filter program: a search tree over call numbers, so that a call is judged in about ten comparisons. Everything
 * that is not named is answered with ENOSYS, whereupon libraries fall back to an older call; `clone3`, whose flags are
 * out of a filter's sight, is among that.
 */
import { assert } from '../../../../util/assert.ts';
import {
  architectureOffset,
  argumentOffset,
  branch,
  callNumberOffset,
  encode,
  end,
  instructionsMax,
  load,
  mask,
  returns,
  skip,
  skipIfEqual,
  type Instruction,
} from './bpf.ts';
import { checkedCalls, type Condition } from './policy.ts';
import { allowedCalls, refusedCalls, type Numbers } from './system-calls.ts';

/** From <linux/audit.h>; `column` is the one in system-calls.ts. */
export const architectures = {
  x64: { audit: 0xc000_003e, column: 0 },
  arm64: { audit: 0xc000_00b7, column: 1 },
} as const;

export type Architecture = keyof typeof architectures;

const errno = { EPERM: 1, ENOSYS: 38 } as const;
const refuse = [end(returns.error(errno.EPERM))];
const allow = [end(returns.allow)];
const unknown = [end(returns.error(errno.ENOSYS))];

/** For the processor that this runs on; undefined when there is no list of its calls. */
export function seccompFilterHere(): Buffer | undefined {
  const here = process.arch;
  return here === 'x64' || here === 'arm64' ? seccompFilter(here) : undefined;
}

/** The bytes that `bwrap --seccomp` wants. */
export function seccompFilter(architecture: Architecture): Buffer {
  const program = filterProgram(architecture);
  assert(
    program.length <= instructionsMax,
    `the seccomp program has ${program.length} instructions, the kernel takes ${instructionsMax}`,
  );
  return encode(program);
}

export function filterProgram(architecture: Architecture): Instruction[] {
  const { audit, column } = architectures[architecture];
  return [
    load(architectureOffset),
    // A process may switch to the 32-bit calls, whose numbers mean something else.
    skipIfEqual(audit, 1, 0),
    end(returns.killProcess),
    load(callNumberOffset),
    // Numbers from 0x40000000, x86-64's x32 variants, are beyond the last that is known, so they are unknown.
    ...tree(segments(column)),
  ];
}

type Segment = { start: number; body: readonly Instruction[] };

/** What to do from each number on, up to the next segment's. */
function segments(column: 0 | 1): Segment[] {
  const bodies = new Map<number, readonly Instruction[]>();
  const add = (numbers: Numbers, body: readonly Instruction[]): void => {
    const number = numbers[column];
    if (number !== undefined) bodies.set(number, body);
  };
  for (const numbers of Object.values(allowedCalls)) add(numbers, allow);
  for (const numbers of Object.values(refusedCalls)) add(numbers, refuse);
  for (const { numbers, allowedWhen } of Object.values(checkedCalls)) add(numbers, anyOf(allowedWhen));
  const last = Math.max(...bodies.keys());
  const all = Array.from({ length: last + 2 }, (_, start): Segment => ({ start, body: bodies.get(start) ?? unknown }));
  return all.filter(({ body }, index) => body !== all[index - 1]?.body);
}

function tree(all: readonly Segment[]): readonly Instruction[] {
  const middle = Math.ceil(all.length / 2);
  const upper = all[middle];
  if (upper === undefined) return all[0]?.body ?? unknown;
  return branch(upper.start, tree(all.slice(0, middle)), tree(all.slice(middle)));
}

/** Allows when one of the alternatives holds, else refuses. */
function anyOf(all: readonly (readonly Condition[])[]): readonly Instruction[] {
  return all.reduceRight<readonly Instruction[]>(
    (otherwise, conditions) => [...allOf(conditions), ...otherwise],
    refuse,
  );
}

/** Allows when all conditions hold; otherwise goes on behind its end. */
function allOf(conditions: readonly Condition[]): readonly Instruction[] {
  return conditions.reduceRight<readonly Instruction[]>(
    (rest, condition) => [...test(condition, rest.length), ...rest],
    allow,
  );
}

/** Goes on when the condition holds, otherwise `restLength` instructions later. */
function test(condition: Condition, restLength: number): Instruction[] {
  const values = condition.among ?? condition.noneOf ?? [];
  const loaded = [
    load(argumentOffset(condition.argument)),
    ...(condition.mask === undefined ? [] : [mask(condition.mask)]),
  ];
  if (condition.among !== undefined) {
    return [...loaded, ...values.map((value, index) => skipIfEqual(value, values.length - index, 0)), skip(restLength)];
  }
  return [
    ...loaded,
    ...values.map((value, index) => skipIfEqual(value, values.length - index, 0)),
    skip(1),
    skip(restLength),
  ];
}
