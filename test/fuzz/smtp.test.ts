/** What mail servers say to the SMTP port: commands out of turn, endless lines, addresses that are none, broken mails. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startMayfly } from '../harness/start-mayfly.ts';
import { converse } from './converse.ts';
import { fuzz, inPieces } from './fuzz.ts';

const envelope = 'EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<in@example.com>\r\nDATA\r\n';

test('mail that arrives', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-fuzz-smtp-'));
  await writeFile(
    join(folder, 'mayfly.yaml'),
    `application: fuzzed
functions:
  inbox: { runtime: python, handler: inbox.handler, code: inbox.py, network: none, concurrency: 1, events: [{ email: in@example.com }] }
`,
  );
  await writeFile(join(folder, 'inbox.py'), 'def handler(event, context):\n    return None\n');
  try {
    await using mayfly = await startMayfly({ flags: ['--smtp-port', '0'], log: join(folder, 'log') });
    await mayfly.json('deploy', folder);
    const port = mayfly.smtpPort ?? assert.fail('it takes mail');
    /** Whatever it is in the middle of, it is told to go. */
    const talk = (input: Buffer, pieces: readonly Buffer[] = [input]): Promise<string> =>
      converse(port, [...pieces, Buffer.from('\r\n.\r\nQUIT\r\n')], { hangsUp: false, isGreeted: true });
    assert.match(await talk(Buffer.from(`${envelope}Subject: a\r\n\r\nb\r\n.\r\nQUIT\r\n`)), /^250 .*kept as/m);
    const { outcomes } = await fuzz({
      corpus: [
        `${envelope}Subject: =?utf-8?B?aGVsbG8=?=\r\nTo: in@example.com\r\n\r\nhello\r\n.\r\nQUIT\r\n`,
        `${envelope}.\r\n`,
        'HELO a\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@example.com>\r\nRSET\r\nNOOP\r\nVRFY x\r\nQUIT\r\n',
        'EHLO a\r\nMAIL FROM:<a@b.example> SIZE=99999999999 BODY=8BITMIME SMTPUTF8\r\nSTARTTLS\r\nAUTH PLAIN AGEAYg==\r\n',
        `${envelope}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x\r\n--x--\r\n.\r\n`,
      ],
      words: [
        '\r\n',
        '\r\n.\r\n',
        '\n.\n',
        '.',
        '<',
        '>',
        '@',
        'RCPT TO:<in@example.com>\r\n',
        'DATA\r\n',
        'BDAT 5 LAST\r\n',
        'XCLIENT ADDR=1.2.3.4\r\n',
        '\0',
        '\xff',
        '=?utf-8?Q?=ff?=',
        'a'.repeat(1_500),
        'Subject: ',
      ],
      // The server lets everybody wait for its greeting.
      runsMin: 10,
      async run(input, random) {
        const said = await talk(input, inPieces(input, random));
        const codes = [...said.matchAll(/^(\d{3})/gm)].map(([, code]) => code);
        assert.equal(codes[0], '220', said);
        assert.ok(!codes.includes('451'), said);
        return codes.slice(0, 6).join(' ');
      },
    });
    assert.ok(outcomes > 2);
    assert.match(
      await talk(Buffer.from(`${envelope}Subject: a\r\n\r\nb\r\n.\r\nQUIT\r\n`)),
      /^250 .*kept as/m,
      'it takes mail as before',
    );
    assert.doesNotMatch(await readFile(join(folder, 'log'), 'utf8'), /unexpected|trouble|could not be kept/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
