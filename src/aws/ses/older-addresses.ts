import type { ModelTable } from '../protocol/shape.ts';

/**
 * Where clients of before 2026 ask for what has another address now: SES answers at both, and boto3 still asks at the
 * older one. Lists were GET, with their members in the query.
 */
export function withOlderAddresses(model: ModelTable): ModelTable {
  return {
    ...model,
    operations: {
      ...model.operations,
      'ListEmailIdentities, older': {
        http: ['GET', '/v2/email/identities', 200],
        input: 'OlderListRequest',
        output: 'ListEmailIdentitiesResponse',
        isOf: 'ListEmailIdentities',
      },
      'ListConfigurationSets, older': {
        http: ['GET', '/v2/email/configuration-sets', 200],
        input: 'OlderListRequest',
        output: 'ListConfigurationSetsResponse',
        isOf: 'ListConfigurationSets',
      },
    },
    shapes: {
      ...model.shapes,
      OlderListRequest: {
        structure: { NextToken: ['string', { query: 'NextToken' }], PageSize: ['number', { query: 'PageSize' }] },
      },
    },
  };
}
