import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { writePermissions } from './write-permissions.ts';

const permissions = [{ effect: 'allow', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::pics/*'] }] as const;

const before = `# The shop.
application: shop
functions:
  thumbs:   # makes small ones
    handler: thumbs.handler
    permissions:
      - read: bucket pics  # all of it
      - { allow: ['*'], on: ['*'] }

    # How long it may take.
    timeout: 3 s
  hello:
    handler: hello.handler # greets

# The end.
`;

test('permissions that are there give way, and all else stays', () => {
  assert.equal(
    writePermissions(before, 'thumbs', permissions),
    before.replace(
      "      - read: bucket pics  # all of it\n      - { allow: ['*'], on: ['*'] }\n",
      '      - allow:\n          - s3:GetObject\n        on:\n          - arn:aws:s3:::pics/*\n',
    ),
  );
});

test('a function that has none gets some, behind what it has', () => {
  assert.equal(
    writePermissions(before, 'hello', permissions),
    before.replace(
      '# greets\n',
      '# greets\n    permissions:\n      - allow:\n          - s3:GetObject\n        on:\n          - arn:aws:s3:::pics/*\n',
    ),
  );
  const last = 'functions:\n  a:\n    handler: a.b';
  assert.match(
    writePermissions(last, 'a', permissions),
    /^functions:\n  a:\n    handler: a\.b\n    permissions:\n      - allow:/,
  );
});

test('no permissions are an empty list', () => {
  assert.match(writePermissions(before, 'thumbs', []), /    permissions: \[\]\n\n    # How long/);
});

test('a function in braces is changed too, and one that is not there is refused', () => {
  const text = '# One.\nfunctions:\n  a: { handler: a.b } # short\n';
  const written = writePermissions(text, 'a', permissions);
  assert.match(written, /# One\./);
  assert.match(written, /permissions: \[ \{ allow: \[ s3:GetObject \], on: \[ arn:aws:s3:::pics\/\* \] \} \]/);
  assert.throws(() => writePermissions(text, 'b', permissions), PlatformError);
});
