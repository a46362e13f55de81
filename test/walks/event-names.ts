/** What the walks of EventBridge name. */
export const arn = (resource: string): string => `arn:aws:events:us-east-1:000000000000:${resource}`;
export const queueArn = 'arn:aws:sqs:us-east-1:000000000000:jobs';
export const pattern = JSON.stringify({ source: ['shop'], detail: { amount: [{ numeric: ['>', 10] }] } });
