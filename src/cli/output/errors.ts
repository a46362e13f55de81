/** What went wrong: for people on standard error, for programs as JSON. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ProjectError, type Complaint } from '../../manifest/complaint.ts';
import { findSecrets } from '../../manifest/scan/find-secrets.ts';
import { PlatformError, messageOf } from '../../util/errors.ts';
import { UsageError, type World } from '../command.ts';
import { painter, type Paint } from './paint.ts';
import { count } from './units.ts';

export function errorAsJson(error: unknown): { error: object } {
  if (error instanceof UsageError) return { error: { code: 'usage', message: error.message } };
  if (error instanceof ProjectError)
    return { error: { code: error.code, message: error.message, field: error.field, complaints: error.complaints } };
  if (error instanceof PlatformError)
    return {
      error: { code: error.code, message: error.message, ...(error.field === undefined ? {} : { field: error.field }) },
    };
  return { error: { code: 'internal', message: messageOf(error) } };
}

export function describeError(error: unknown, world: World): string {
  const paint = painter(world.stderr, world.environment);
  const title = paint(['red', 'bold'], 'mayfly:');
  if (error instanceof UsageError)
    return `${title} ${error.message}${error.command === undefined ? '' : `\nmayfly ${error.command} --help shows its options.`}`;
  if (error instanceof ProjectError)
    return `${describeComplaints(error.complaints, world, paint)}\n\n${title} ${count(error.complaints.length, 'complaint')}; nothing was deployed.`;
  if (error instanceof PlatformError) return `${title} ${error.message}`;
  // The machine refuses a file or a socket: `EACCES: permission denied, mkdir '/project/.mayfly'` says it all.
  if (error instanceof Error && 'syscall' in error) return `${title} ${error.message}`;
  // A bug of ours: its stack is what a report needs.
  return `${title} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nThis is a bug of Mayfly; please report it with the lines above.`;
}

/** Each with the line that it is about, and a mark below the place. */
export function describeComplaints(
  complaints: readonly Complaint[],
  world: Pick<World, 'workingFolder'>,
  paint: Paint,
): string {
  const texts = new Map<string, readonly string[]>();
  const lineOf = (file: string, line: number): string | undefined => {
    const lines = texts.get(file) ?? linesOf(resolve(world.workingFolder, file));
    texts.set(file, lines);
    return lines[line - 1];
  };
  return complaints
    .map(({ file, line, column, field, message }) => {
      const head = `${paint('bold', `${file}:${line}:${column}`)}${field === '' ? '' : ` ${paint('cyan', field)}`}`;
      const source = lineOf(file, line);
      const frame = source === undefined || !isShown(source) ? [] : framed(source, line, column, paint);
      return [head, ...frame, `  ${message}`].join('\n');
    })
    .join('\n\n');
}

/** A key that is refused is not printed for that. */
const isShown = (source: string): boolean => source.trim() !== '' && findSecrets(Buffer.from(source)).length === 0;

/** More of a line than this does not help. */
const frameColumnsMax = 160;

function framed(source: string, line: number, column: number, paint: Paint): string[] {
  const number = String(line);
  const gutter = paint('dim', `${number} │ `);
  const before = source.slice(0, column - 1).replaceAll(/[^\t]/g, ' ');
  if (column > frameColumnsMax) return [];
  return [
    `  ${gutter}${source.slice(0, frameColumnsMax)}`,
    `  ${' '.repeat(number.length)} ${paint('dim', '│ ')}${before}${paint('red', '^')}`,
  ];
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/);
  } catch {
    // Gone meanwhile, or a folder: the complaint says it all without the line.
    return [];
  }
}
