import { Tracer } from '@aws-lambda-powertools/tracer';

const tracer = new Tracer();

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

export const handler = async (): Promise<object> => ({
  sum: work(),
  enabled: tracer.isTracingEnabled(),
  root: tracer.getRootXrayTraceId(),
  header: process.env['_X_AMZN_TRACE_ID'],
});
