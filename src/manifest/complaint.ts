/** What is wrong with a project, at a place that an editor can jump to. */
import { PlatformError } from '../util/errors.ts';

/** Both from 1, as editors count; `column` in UTF-16 units. */
export type Position = { line: number; column: number };

export type Complaint = Position & {
  /** As it should be printed: relative to the folder that the reader is in, if it can be. */
  file: string;
  /** `functions.hello.events[0].http`; of source code the compiler's name of the error (`TS2322`); empty for the file as a whole. */
  field: string;
  /** What was found and what would be accepted. */
  message: string;
};

/** `mayfly.yaml:7:13: functions.hello.memory: found '256MB' …`: the form that editors and terminals make into a link. */
export function complaintLine(complaint: Complaint): string {
  const { file, line, column, field, message } = complaint;
  return `${file}:${line}:${column}: ${field === '' ? '' : `${field}: `}${message}`;
}

/** A project that cannot be deployed as it is. All that is wrong, not just the first thing. */
export class ProjectError extends PlatformError {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[]) {
    super('invalid_argument', complaints.map(complaintLine).join('\n'), { field: complaints[0]?.field ?? '' });
    this.name = 'ProjectError';
    this.complaints = complaints;
  }
}
