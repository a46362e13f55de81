/** Asked over HTTP for `/traced`, it stands for the X-Ray daemon, too, where the tracer looks for that, and tells what it was sent. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Tracer } from '@aws-lambda-powertools/tracer';

const tracer = new Tracer();
const daemonPort = 2000;

function work(): number {
  const parent = tracer.getSegment();
  const segment = parent?.addNewSubsegment('### work');
  if (segment !== undefined) tracer.setSegment(segment);
  tracer.annotateColdStart();
  tracer.addServiceNameAnnotation();
  tracer.putAnnotation('order', 'o-7');
  tracer.putMetadata('items', [1, 2, 3]);
  tracer.addResponseAsMetadata({ sum: 42 }, 'work');
  segment?.close();
  if (parent !== undefined) tracer.setSegment(parent);
  return 42;
}

const told = (): object => ({
  enabled: tracer.isTracingEnabled(),
  sampled: tracer.isTraceSampled(),
  root: tracer.getRootXrayTraceId(),
  header: process.env['_X_AMZN_TRACE_ID'],
});

export const handler = async (event: { rawPath?: string }): Promise<object> => {
  if (event.rawPath === undefined) return { sum: work(), ...told() };
  const daemon = createSocket('udp4').bind(daemonPort, '127.0.0.1');
  await once(daemon, 'listening');
  const arrived = once(daemon, 'message') as Promise<[Buffer]>;
  const sum = work();
  const [message] = await arrived;
  daemon.close();
  const [, document = ''] = message.toString().split('\n');
  return { sum, ...told(), segment: JSON.parse(document) as unknown };
};
