/** What makes a function run: one file for each kind beside this one. */
import { sourceLimits } from '../../registry/binding.ts';
import { list, tagged } from '../shape/compound.ts';
import { yesOrNo } from '../shape/scalar.ts';
import { described, placed } from '../shape/shape.ts';
import { bucketEvent } from './bucket-event.ts';
import { busEvent } from './bus-event.ts';
import { cloudEventEvent } from './cloudevent-event.ts';
import { emailEvent } from './email-event.ts';
import { httpEvent } from './http-event.ts';
import { queueEvent } from './queue-event.ts';
import { scheduleEvent } from './schedule-event.ts';
import { tableEvent } from './table-event.ts';
import { topicEvent } from './topic-event.ts';
import { webhookEvent } from './webhook-event.ts';

const notYet =
  'not there yet; http, url, webhook, cloudevent, bucket, schedule, queue, table, topic, bus and email are';

const event = tagged(
  {
    http: described(httpEvent, {
      description: 'A route at the gateway: GET /hello, or { method, path }.',
      examples: ['GET /hello', 'ANY /{path+}'],
    }),
    url: described(yesOrNo(), { description: 'A URL of its own, for any path.' }),
    webhook: described(webhookEvent, {
      description: 'What others send, signed: { path, verify, secret, as, transform }.',
      examples: [{ path: '/hooks/github', verify: 'github', secret: 'WEBHOOK_SECRET' }],
    }),
    cloudevent: described(cloudEventEvent, {
      description: 'CloudEvents that others post: { path, type, source, subject, filter, secret, reply, bus }.',
      examples: [{ path: '/events', type: 'com.example.*' }],
    }),
    bucket: described(bucketEvent, {
      description: 'Objects of a bucket: its name, or { name, on, prefix, suffix }.',
      examples: ['photos'],
    }),
    schedule: described(scheduleEvent, {
      description: 'rate(5 minutes), cron(0 12 * * ? *), or { expression, timeZone, input, enabled }.',
      examples: ['rate(5 minutes)'],
    }),
    queue: described(queueEvent, {
      description: 'Messages of a queue: its name, or { name, batch, window, reportsFailures }.',
      examples: ['jobs'],
    }),
    table: described(tableEvent, {
      description:
        'Changes of a table: its name, or { name, startAt, batch, window, parallel, halves, retries, onFailure … }.',
      examples: ['orders'],
    }),
    email: described(emailEvent, {
      description: 'Mail that arrives at the SMTP port: an address, or { address, bucket }.',
      examples: ['in@example.com'],
    }),
    topic: described(topicEvent, {
      description: 'Messages of a topic: its name, or { name, filter, filterOn }.',
      examples: ['news'],
    }),
    bus: described(busEvent, {
      description: 'Events of a bus that match: { name, pattern }.',
      examples: [{ pattern: { source: ['shop'] } }],
    }),
  },
  {
    accepts:
      'http: GET /hello, url: true, webhook: { path, verify, secret }, cloudevent: { path }, bucket: NAME, schedule: rate(5 minutes), queue: NAME, table: NAME, topic: NAME, bus: { pattern } or email: ADDRESS',
    hints: {
      httpapi: 'it is called http: GET /hello',
      api: 'it is called http: GET /hello',
      route: 'it is called http: GET /hello',
      functionurl: 'it is called url: true',
      s3: 'it is called bucket: { name: photos, on: [created], prefix: uploads/, suffix: .jpg }',
      sqs: 'it is called queue: jobs, or queue: { name: jobs, batch: 10 }',
      cron: 'it is called schedule: cron(0 12 * * ? *)',
      rate: 'it is called schedule: rate(5 minutes)',
      schedulev2: 'it is called schedule: { expression: rate(5 minutes), timeZone: UTC }',
      timer: 'it is called schedule: rate(5 minutes)',
      stream: `that of a table is called table: orders; other streams are ${notYet}`,
      dynamodb: 'it is called table: orders, or table: { name: orders, batch: 100 }',
      kinesis: `streams are ${notYet}`,
      ses: 'it is called email: in@example.com',
      sns: 'it is called topic: news, or topic: { name: news, filter: { kind: [order] } }',
      eventbridge:
        'it is called bus: { pattern: { source: [shop] } }; its schedules are called schedule: rate(5 minutes)',
      eventbridgerule:
        'it is called bus: { pattern: { source: [shop] } }; its schedules are called schedule: rate(5 minutes)',
      websocket: `WebSockets are ${notYet}`,
      alb: `load balancers are ${notYet}; its requests come through http: ANY /{path+}`,
    },
  },
);

export const events = list(placed(event), {
  accepts: 'a list of events (- http: GET /hello)',
  itemsMax: sourceLimits.sourcesMax,
});
