/** Dead letters, and who else names queues for them than queues and functions do. */
import { DeadLetters, type DeadLettersParts } from './events/dead-letters.ts';
import type { EventBuses } from './resources/event-bus/event-buses.ts';
import type { Schedules } from './resources/scheduler/schedules.ts';
import type { Topics } from './resources/topic.ts';
import { parseArn } from './util/arn.ts';

type Parts = Omit<DeadLettersParts, 'namedBy'> & {
  topics: Pick<Topics, 'allSubscriptions'>;
  buses: Pick<EventBuses, 'allRules'>;
  schedules: Pick<Schedules, 'all'>;
};

export function wireDeadLetters({ topics, buses, schedules, ...parts }: Parts): DeadLetters {
  return new DeadLetters({
    ...parts,
    namedBy(account) {
      const found = new Map<string, string[]>();
      const note = (arn: string | undefined, by: string): void => {
        const queue = parseArn(arn ?? '');
        if (queue?.account === account) found.set(queue.resource, [...(found.get(queue.resource) ?? []), by]);
      };
      for (const { topic, endpoint, settings } of topics.allSubscriptions())
        note(settings.deadLetterQueue, `topic ${topic} for ${endpoint}`);
      for (const { name, targets } of buses.allRules())
        for (const { id, deadLetterQueue } of targets) note(deadLetterQueue, `rule ${name}, target ${id}`);
      for (const { group, name, settings } of schedules.all())
        note(settings.target.deadLetterQueue, `schedule ${group}/${name}`);
      return found;
    },
  });
}
