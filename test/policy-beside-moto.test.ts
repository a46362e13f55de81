/**
 * What policies let somebody, beside moto's evaluator, where it evaluates: effects, actions and NotAction, resources,
 * wildcards `*`. It knows no boundaries and sessions, of conditions StringEquals alone, and takes one that does not hold for
 * a denial; AWS's pages are what src/identity/evaluate.test.ts holds those to.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluate } from '../src/identity/evaluate.ts';
import { parsePolicyDocument } from '../src/identity/policy-document.ts';
import type { Principal } from '../src/identity/principal.ts';
import type { AccountId } from '../src/util/ids.ts';

const account = '000000000000' as AccountId;
const principal: Principal = {
  kind: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/u`,
  accessKeyId: 'AKIA',
  userName: 'u',
  userId: 'AIDA',
};

const actions = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 'sqs:SendMessage', 'iam:CreateUser'];
const resources = ['arn:aws:s3:::b/a', 'arn:aws:s3:::b/a/b', 'arn:aws:s3:::c/a', `arn:aws:sqs:us-east-1:${account}:q`];
/** With a star in the place of some of it. */
const starred = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...texts), fc.nat(60), fc.nat(60), fc.boolean()).map(([text, from, to, isStarred]) => {
    const [start, end] = [Math.min(from, to), Math.max(from, to)];
    return isStarred ? `${text.slice(0, start)}*${text.slice(end)}` : text;
  });
const listed = (texts: readonly string[]) => fc.array(starred(texts), { minLength: 1, maxLength: 3 });
const statement = fc
  .record({
    effect: fc.constantFrom('Allow', 'Deny'),
    isExcept: fc.boolean(),
    action: listed(actions),
    resource: listed(resources),
  })
  .map(({ effect, isExcept, action, resource }) => ({
    Effect: effect,
    [isExcept ? 'NotAction' : 'Action']: action,
    Resource: resource,
  }));
const asked = fc.tuple(
  fc.array(statement, { minLength: 1, maxLength: 4 }),
  fc.constantFrom(...actions),
  fc.constantFrom(...resources),
);

const hasMoto = ((): boolean => {
  try {
    execFileSync('python3', ['-c', 'import moto.iam.access_control'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test('moto’s evaluator decides the same of a thousand policies', { skip: !hasMoto && 'moto is not installed' }, () => {
  const cases = fc.sample(asked, { numRuns: 1_000, seed: 20_261_121 }).map(([statements, action, resource]) => ({
    text: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    action,
    resource,
  }));
  const theirs = JSON.parse(
    execFileSync('python3', [join(import.meta.dirname, 'harness/moto_policies.py')], {
      input: JSON.stringify(cases.map(({ text, action, resource }) => [text, action, resource])),
      encoding: 'utf8',
    }),
  ) as string[];
  const ours = cases.map(({ text, action, resource }) => {
    const document = parsePolicyDocument(text, 'identity');
    const asker = { kind: 'principal', principal } as const;
    return evaluate({ action, resource, asker, keys: () => undefined }, { identity: [document] }).decision;
  });
  const seen = new Set(ours);
  assert.deepEqual([...seen].toSorted(), ['allowed', 'denied', 'not_allowed'], 'all three are among them');
  assert.deepEqual(
    cases.flatMap((one, index) =>
      ours[index] === theirs[index] ? [] : [{ ...one, ours: ours[index], theirs: theirs[index] }],
    ),
    [],
  );
});
