import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../../../util/limits.ts';
import { FunctionLimits } from './function-limits.ts';

function open(besidesMb = 0) {
  const done: unknown[] = [];
  const limited = new FunctionLimits(
    { limit: (given) => void done.push(given), setGreedy: (...greedy) => void done.push(greedy) },
    besidesMb,
  );
  return { limited, done };
}

test('memory is limited to what the function has and what runs besides, once for the same and anew for another', () => {
  const { limited, done } = open(32);
  for (const memoryMb of [128, 128, 256]) limited.limitMemory(memoryMb);
  assert.deepEqual(done, [{ memoryMb: 160 }, { memoryMb: 288 }]);
});

test('the share of the processors goes with the memory, not with what runs besides, and is set once', () => {
  const { limited, done } = open(32);
  limited.limitMemory(limits.memoryMbPerCpu / 2);
  limited.limitCpu();
  limited.limitCpu();
  assert.deepEqual(done.slice(1), [{ cpu: 0.5 }]);
});

test('who loads code with its share set is free for that, and has it set again', () => {
  const { limited, done } = open();
  limited.limitMemory(limits.memoryMbPerCpu / 2);
  limited.freeCpu();
  limited.limitCpu();
  limited.freeCpu();
  limited.limitCpu();
  assert.deepEqual(done.slice(1), [{ cpu: 0.5 }, { cpu: Infinity }, { cpu: 0.5 }]);
});

test('who is found greedy before its share is set has it set first, and not after', () => {
  const { limited, done } = open();
  limited.limitMemory(limits.memoryMbPerCpu);
  limited.setGreedy(true);
  limited.limitCpu();
  limited.setGreedy(false);
  assert.deepEqual(done.slice(1), [{ cpu: 1 }, [true, 1], [false, 1]]);
});
