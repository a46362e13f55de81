/**
 * Writes docs/reference/lambda.md: every operation of the model with what the table in src/aws/lambda/ makes of it and
 * the gaps that its files state, and every documented behaviour of an invocation with the test that shows it.
 * `--check`: only says whether it is fresh.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lambdaModel } from '../src/aws/model/lambda.ts';
import { behaviours, type Behaviour } from './lambda-behaviours.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'src/aws/lambda');
const name = 'docs/reference/lambda.md';

/** An operation's line in a table of operations: `Invoke: invoke(parts),`. */
const entryPattern = /^\s+(\w+): (?:'(not built)'|(\w+)\()/gm;
/** Of refused.ts, by what they mean. */
const meaning: Readonly<Record<string, string>> = {
  refused: 'gap: refused by name',
  noneSuch: 'gap: answers that there is none',
  emptyList: 'gap: answers an empty list',
  sameForEveryFunction: 'gap: answers the same of every function',
};

type Source = { file: string; text: string };
type Row = { operation: string; state: string; notes: readonly string[] };

const sources: readonly Source[] = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));

const sourceOf = (file: string): Source | undefined => sources.find((source) => source.file === file);

/** By the name under which a file imports it. */
function importsOf({ text }: Source): ReadonlyMap<string, string> {
  const pattern = /import (?:type )?\{([^}]*)\} from '\.\/([a-z0-9-]+\.ts)'/g;
  return new Map(
    [...text.matchAll(pattern)].flatMap(([, names = '', file = '']) =>
      names.split(',').map((one) => [one.trim().replace(/^type /, ''), file] as const),
    ),
  );
}

/** Paragraphs of its comments that begin with `Gap`, `By design` or `Differs`. */
function notesOf({ text }: Source): string[] {
  return [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)]
    .map(([, comment = '']) => comment.replaceAll(/^\s*\* ?/gm, '').trim())
    .flatMap((comment) => comment.split(/\n\s*\n/))
    .filter((paragraph) => /^(Gaps?\b|By design|Differs)/.test(paragraph))
    .map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').replace(/ https:\/\/\S+$/, ''));
}

function rowsOf(source: Source): Row[] {
  const imports = importsOf(source);
  return [...source.text.matchAll(entryPattern)]
    .filter(([, operation = '']) => operation in lambdaModel.operations)
    .map(([, operation = '', notBuilt, made = '']) => {
      if (notBuilt !== undefined) return { operation, state: 'gap', notes: [] };
      const own = sourceOf(imports.get(made) ?? '');
      if (own?.file === 'refused.ts')
        return { operation, state: meaning[made] ?? made, notes: [firstSentence(source)] };
      const around =
        own === undefined ? [] : [...new Set(importsOf(own).values())].flatMap((file) => sourceOf(file) ?? []);
      return {
        operation,
        state: 'built',
        notes: [own, ...around].flatMap((one) => (one === undefined ? [] : notesOf(one))),
      };
    });
}

/** Of what the file says of itself. */
function firstSentence({ text }: Source): string {
  const [, comment = ''] = /\/\*\*([\s\S]*?)\*\//.exec(text) ?? [];
  const plain = comment
    .replaceAll(/\s*\n\s*\* ?/g, ' ')
    .replaceAll(/ ?https:\/\/\S+/g, '')
    .trim();
  return /^.*?\.(?= |$)/.exec(plain)?.[0] ?? plain;
}

function operationRows(): Row[] {
  const rows = sources.flatMap(rowsOf);
  return Object.keys(lambdaModel.operations)
    .toSorted()
    .map((operation) => {
      const found = rows.filter((row) => row.operation === operation);
      const [row] = found;
      if (row === undefined || found.length > 1)
        throw new Error(`${operation} is in ${found.length} tables of operations in src/aws/lambda/; expected one`);
      return row;
    });
}

function behaviourRow({ what, page, test, note }: Behaviour): string {
  const link = `[${what}](https://docs.aws.amazon.com/lambda/latest/dg/${page})`;
  if (test === undefined) return `| ${link} | gap | ${note ?? ''} |`;
  const [file, title] = test;
  if (!readFileSync(join(root, file), 'utf8').includes(title))
    throw new Error(`'${what}' is shown by the test '${title}' of ${file}, which is not there`);
  return `| ${link} | built: \`${file}\` | ${note ?? ''} |`;
}

function page(): string {
  const rows = operationRows();
  const count = (state: string): number => rows.filter((row) => row.state.startsWith(state)).length;
  const notes = [...new Set(rows.flatMap((row) => row.notes))];
  const numberOf = (note: string): string => `${notes.indexOf(note) + 1}`;
  const operations = rows.map(
    (row) => `| ${row.operation} | ${row.state} | ${[...new Set(row.notes)].map(numberOf).join(', ')} |`,
  );
  const tables = Object.entries(behaviours).map(
    ([title, list]) => `### ${title}\n\n| behaviour | | |\n| --- | --- | --- |\n${list.map(behaviourRow).join('\n')}\n`,
  );
  return `<!-- Written by scripts/generate-lambda-reference.ts from src/aws/lambda/ and the tests; change those. -->

# AWS Lambda

REST-JSON of 2015-03-31 and its later parts, by which the \`aws\` command, boto3 and the SDKs make, call and manage functions. Tried with the \`aws\` command, boto3 1.26 and 1.43,
and the SDK for JavaScript v3 (\`test/lambda-*.test.ts\`), which walk through a function's whole life. A function that is made here and one that \`mayfly deploy\` makes are of one kind:
\`ls\`, \`logs\`, \`invoke\` and the bill show both. How handlers are called is in [Runtimes](runtimes.md), what becomes of events in [Events](events.md).

\`\`\`sh
aws lambda create-function --function-name hello --runtime nodejs24.x --handler index.handler \\
  --role arn:aws:iam::000000000000:role/any --zip-file fileb://hello.zip
aws lambda wait function-active-v2 --function-name hello
echo '{"name":"Ada"}' > event.json
aws lambda invoke --function-name hello --payload fileb://event.json --log-type Tail answer.json
\`\`\`

## Operations
Of ${rows.length} operations ${count('built')} are built and ${count('gap')} a gap. The numbers are those of the notes below.

| operation | | notes |
| --- | --- | --- |
${operations.join('\n')}

${notes.map((note, index) => `${index + 1}. ${note}`).join('\n')}

## Invocations
What Lambda's documentation says, and the test that shows it here; without one it counts as a gap.

${tables.join('\n')}
## Answers, right and wrong
Answers are held member by member to recorded ones of AWS's (\`test/lambda-recorded-answers.test.ts\`). More than a hundred wrong requests (\`test/lambda-wrong-requests.test.ts\`) are answered with AWS's status, code and message, and forty functions that fail in as many ways
(\`test/lambda-failing-functions.test.ts\`) with its error types and texts; both tables name where AWS is seen to answer so. Where we say more than AWS does: a module that is not there is told with the
names that were looked for, and a handler's name of the wrong form with the right form.

## Where it differs
- A role that IAM does not have is kept and shown, and grants nothing: such a function may do what its own permissions say (\`permissions\` in [mayfly.yaml](mayfly.yaml.md)).
- A function is active as soon as its code is unpacked: \`Pending\` and \`InProgress\` are what the call itself answers, and are over with the next look.
- Account \`000000000000\`, region \`us-east-1\`. There is no quota of requests a second.

## Permissions
As [AWS documents them](https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html): \`lambda:InvokeFunction\` on the function's ARN, with its qualifier where one is given. A manifest's
\`call: function thumbnail\` gives a function what it needs to call another.
`;
}

const path = join(root, name);
const text = page();
if (process.argv.includes('--check')) {
  if (readOrEmpty(path) !== text) {
    console.error(`${name} is not what the code says now: run bin/node scripts/generate-lambda-reference.ts`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, text);
  console.log(`wrote ${name}`);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
