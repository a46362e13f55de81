import type { BindingSource } from '../registry/binding.ts';
import { never } from '../util/assert.ts';

/** One line for people: `GET /hello`, `bucket pics (ObjectCreated:*) photos/….jpg`, `rate(5 minutes)`, `queue jobs`, `topic news`. */
export function describeSource(source: BindingSource): string {
  switch (source.kind) {
    case 'http':
      return `${source.method} ${source.path}`;
    case 'webhook':
      return `POST ${source.path}, signed (${source.verify.kind})`;
    case 'cloudevent': {
      const { path, reply, bus, filter } = source;
      const goes = bus === undefined ? '' : ` to the bus ${bus}`;
      return `CloudEvents at POST ${path}${goes}${reply === undefined ? '' : ', answered'}${filter === undefined ? '' : ` ${filter}`}`;
    }
    case 'bucket': {
      const filter = source.prefix === '' && source.suffix === '' ? '' : ` ${source.prefix}…${source.suffix}`;
      return `bucket ${source.bucket} (${source.events.join(', ')})${filter}`;
    }
    case 'schedule':
      return `${source.expression}${source.timeZone === 'UTC' ? '' : ` ${source.timeZone}`}${source.enabled ? '' : ' (disabled)'}`;
    case 'queue':
      return `queue ${source.queue}`;
    case 'table':
      return `changes of table ${source.table}`;
    case 'email':
      return `mail to ${source.address}${source.bucket === undefined ? '' : `, kept in ${source.bucket}`}`;
    case 'topic':
      return `topic ${source.topic}${source.filter === undefined ? '' : ` ${source.filter}`}`;
    case 'bus':
      return `events of ${source.bus} ${source.pattern}`;
    default:
      return never(source);
  }
}
