import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlatformError } from '../../../util/errors.ts';
import { fuzzRuns } from '../../../util/fuzz-runs.ts';
import { boundaryOf, readMultipartForm } from './multipart-form.ts';

const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW';

async function* inPieces(text: string, bytes: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text, 'latin1');
  for (let at = 0; at < all.length; at += bytes) yield all.subarray(at, at + bytes);
}

const field = (name: string, value: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (name: string, text: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n${text}\r\n`;
const end = `--${boundary}--\r\n`;

async function read(
  text: string,
  pieceBytes = 1_000,
): Promise<{ fields: Record<string, string>; name: string; text: string }> {
  const form = await readMultipartForm(inPieces(text, pieceBytes), boundary);
  const pieces: Uint8Array[] = [];
  for await (const piece of form.file.bytes) pieces.push(piece);
  return {
    fields: Object.fromEntries(form.fields),
    name: form.file.name,
    text: Buffer.concat(pieces).toString('latin1'),
  };
}

test('fields and the file come back as they were, in whatever pieces', async () => {
  const text = fc.string({ unit: 'binary-ascii', maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom('key', 'policy', 'acl', 'x-amz-meta-a'), { maxLength: 4 }),
      text,
      fc.oneof(text, fc.constant(`\r\n--${boundary.slice(0, -1)}\r\n\r--`)),
      fc.integer({ min: 1, max: 120 }),
      async (names, value, content, pieceBytes) => {
        const form = names.map((name) => field(name, value)).join('') + file('a.txt', content);
        const found = await read(`${form}${field('submit', 'Upload')}${end}`, pieceBytes);
        assert.deepEqual(found, {
          fields: Object.fromEntries(names.map((name) => [name, value])),
          name: 'a.txt',
          text: content,
        });
      },
    ),
    fuzzRuns(200),
  );
});

test('what is no form is refused, and never waited for', async () => {
  const cases: Record<string, string> = {
    '': 'IncompleteBody',
    'no delimiter at all': 'IncompleteBody',
    [end]: 'InvalidArgument',
    [`--${boundary}--`]: 'InvalidArgument',
    [field('key', 'a') + end]: 'InvalidArgument',
    [field('key', 'a') + field('key', 'b') + file('f', 'x') + end]: 'MalformedPOSTRequest',
    [`--${boundary}\r\nContent-Type: text/plain\r\n\r\nx\r\n${end}`]: 'MalformedPOSTRequest',
    [field('key', 'a'.repeat(21 * 1024)) + file('f', 'x') + end]: 'MaxPostPreDataLengthExceeded',
    [file('f', 'no end')]: 'IncompleteBody',
  };
  for (const [text, reason] of Object.entries(cases)) await assert.rejects(read(text), { reason }, text.slice(0, 100));
});

test('whatever comes, it is read or refused', async () => {
  const part = fc.constantFrom(
    boundary,
    '--',
    '\r\n',
    '\r',
    'Content-Disposition: form-data; name=',
    '"',
    'file',
    'key',
    ';',
    '\\',
    '\u0000',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(part, fc.string({ unit: 'binary-ascii' })), { maxLength: 40 }),
      fc.integer({ min: 1, max: 50 }),
      async (parts, pieceBytes) => {
        await read(parts.join(''), pieceBytes).catch((error: unknown) =>
          assert.ok(error instanceof PlatformError, String(error)),
        );
      },
    ),
    fuzzRuns(1_000),
  );
});

test('a boundary is one of a form, and no longer than one may be', () => {
  assert.equal(boundaryOf(`multipart/form-data; boundary=${boundary}`), boundary);
  assert.equal(boundaryOf('Multipart/Form-Data; charset=utf-8; boundary="a b"'), 'a b');
  for (const none of ['', 'application/json', 'multipart/form-data', `multipart/form-data; boundary=${'x'.repeat(71)}`])
    assert.equal(boundaryOf(none), undefined, none);
});
