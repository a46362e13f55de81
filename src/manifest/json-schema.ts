/** The manifest's JSON Schema, for editors: made from the same definition that reads it. */
import { manifestShape } from './fields/manifest.ts';
import type { JsonSchema } from './shape/shape.ts';

export const manifestJsonSchema: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'mayfly.yaml',
  description:
    'An application: functions, what makes them run, and the buckets, queues, topics, event buses and tables round them.',
  ...manifestShape.schema,
};

/** As it stands in its file. */
export function manifestJsonSchemaText(): string {
  return `${JSON.stringify(manifestJsonSchema, undefined, 2)}\n`;
}
