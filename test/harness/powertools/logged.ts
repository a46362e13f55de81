import { Logger } from '@aws-lambda-powertools/logger';
import { search } from '@aws-lambda-powertools/logger/correlationId';

type Order = { requestContext: { requestId: string }; fails?: boolean };
type Context = Parameters<Logger['addContext']>[0];

const logger = new Logger({ persistentKeys: { shop: 'corner' }, correlationIdSearchFn: search });

export const handler = async (event: Order, context: Context): Promise<{ correlationId: unknown }> => {
  logger.refreshSampleRateCalculation();
  logger.addContext(context);
  logger.setCorrelationId(event, 'requestContext.requestId');
  logger.appendKeys({ order: 7 });
  logger.debug('not at this level');
  logger.info('order taken', { items: 3 });
  if (event.fails === true) {
    try {
      charge();
    } catch (error) {
      logger.error('order failed', error as Error);
    }
  }
  const correlationId = logger.getCorrelationId();
  logger.resetKeys();
  logger.warn('done');
  return { correlationId };
};

function charge(): never {
  throw new RangeError('no money', { cause: new Error('bank') });
}
