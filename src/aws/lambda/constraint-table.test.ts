import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../../util/errors.ts';
import { lambdaModel } from '../model/lambda.ts';
import { createConstraintCheck } from '../constraints.ts';
import { memberShapes, shapeConstraints } from './constraint-table.ts';

const role = 'arn:aws:iam::000000000000:role/any';
const checkConstraints = createConstraintCheck(lambdaModel, { shapes: shapeConstraints, members: memberShapes });
const right = { FunctionName: 'hello', Role: role, Code: {} };

function violationsOf(structure: string, input: object): string {
  try {
    checkConstraints(structure, input);
  } catch (error) {
    assert.ok(error instanceof PlatformError && error.reason === 'ValidationException', String(error));
    return error.message;
  }
  return '';
}

test('what is right passes', () => {
  assert.equal(violationsOf('CreateFunctionRequest', right), '');
  const edges = { Timeout: 900, MemorySize: 10_240, EphemeralStorage: { Size: 512 }, Description: 'd'.repeat(256) };
  assert.equal(violationsOf('CreateFunctionRequest', { ...right, ...edges }), '');
  assert.equal(violationsOf('ListFunctionsRequest', {}), '');
});

test('each limit is named where it is passed, and every one at once', () => {
  assert.equal(
    violationsOf('CreateFunctionRequest', { ...right, MemorySize: 127, EphemeralStorage: { Size: 10_241 } }),
    "2 validation errors detected: Value '127' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128; Value '10241' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value less than or equal to 10240",
  );
});

test('entries of lists and maps are said of the whole', () => {
  assert.equal(
    violationsOf('CreateFunctionRequest', { ...right, Architectures: ['sparc'] }),
    "1 validation error detected: Value '[sparc]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
  );
  assert.match(
    violationsOf('CreateFunctionRequest', { ...right, Environment: { Variables: { '1X': 'secret' } } }),
    /^1 validation error detected: Value '\{1X\}' at 'environment\.variables' failed to satisfy constraint: Map keys must/,
  );
});

test('a value is repeated up to a length', () => {
  const message = violationsOf('GetAliasRequest', { FunctionName: 'hello', Name: '!'.repeat(5_000) });
  assert.ok(message.length < 2_500, String(message.length));
});

test('a pattern is of the whole value, line ends included', () => {
  assert.notEqual(violationsOf('GetAliasRequest', { FunctionName: 'hello', Name: 'good\nbad' }), '');
  assert.notEqual(violationsOf('GetFunctionRequest', { FunctionName: 'hello\n' }), '');
});

test('the table names structures, members and shapes that there are', () => {
  for (const [structure, members] of Object.entries(memberShapes)) {
    const shape = lambdaModel.shapes[structure];
    assert.ok(shape !== undefined && 'structure' in shape, structure);
    for (const [member, target] of Object.entries(members)) {
      assert.ok(member in shape.structure, `${structure}.${member}`);
      assert.ok(target in shapeConstraints || target in memberShapes, target);
    }
  }
  for (const { each, keys, values, pattern } of Object.values(shapeConstraints)) {
    for (const target of [each, keys, values]) {
      if (target !== undefined) assert.ok(target in shapeConstraints || target in memberShapes, target);
    }
    if (pattern !== undefined) assert.doesNotThrow(() => new RegExp(pattern));
  }
});
