/** EventBridge's scheduled event. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
import type { AccountId } from '../util/ids.ts';

export function scheduleNotification(firing: {
  id: string;
  account: AccountId;
  region: string;
  /** What EventBridge would call the rule. */
  ruleName: string;
  dueMs: number;
}): Readonly<Record<string, unknown>> {
  return {
    version: '0',
    id: firing.id,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: firing.account,
    time: new Date(firing.dueMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: firing.region,
    resources: [`arn:aws:events:${firing.region}:${firing.account}:rule/${firing.ruleName}`],
    detail: {},
  };
}
