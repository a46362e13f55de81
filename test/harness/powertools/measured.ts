import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

const metrics = new Metrics();

export const handler = async (_event: unknown, context: { functionName: string }): Promise<{ has: boolean }> => {
  metrics.setFunctionName(context.functionName);
  metrics.captureColdStartMetric();
  metrics.addDimension('environment', 'test');
  metrics.addMetric('orders', MetricUnit.Count, 1);
  metrics.addMetric('orders', MetricUnit.Count, 2);
  metrics.addMetric('took', MetricUnit.Milliseconds, 12.5);
  metrics.addMetadata('order', 'o-7');
  metrics.publishStoredMetrics();
  return { has: metrics.hasStoredMetrics() };
};
