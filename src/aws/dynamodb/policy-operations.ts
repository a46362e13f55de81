import type {
  DeleteResourcePolicyCommandInput,
  DeleteResourcePolicyCommandOutput,
  GetResourcePolicyCommandInput,
  GetResourcePolicyCommandOutput,
  PutResourcePolicyCommandInput,
  PutResourcePolicyCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { parsePolicyDocument } from '../../identity/policy-document.ts';
import { invalidTable } from '../../resources/table/table-errors.ts';
import { tableLimits, type Table } from '../../resources/table/table.ts';
import { PlatformError } from '../../util/errors.ts';
import type { AwsContext, OperationEntry } from '../service.ts';
import type { DynamoDbParts } from './dynamodb-parts.ts';
import { onTable, tableReference } from './table-reference.ts';
import { resourceArn } from './tag-operations.ts';

type Answer<Output> = Promise<Omit<Output, '$metadata'>>;

/** What a request expects where there is no policy. */
const noPolicy = 'NO_POLICY';

export const putResourcePolicy = ({ tables, clock }: DynamoDbParts): OperationEntry => ({
  access: (context, input: PutResourcePolicyCommandInput) => [
    onTable(context, 'PutResourcePolicy', resourceArn(input.ResourceArn)),
  ],
  async run(context: AwsContext, input: PutResourcePolicyCommandInput): Answer<PutResourcePolicyCommandOutput> {
    const { account, name } = tableReference(context, input.ResourceArn);
    const { Policy: document = '', ExpectedRevisionId: expected } = input;
    tables.need(account, name);
    checkPolicy(document);
    const { resourcePolicy } = await tables.update(account, name, (table) => {
      checkRevision(table, expected);
      // The same document once more is the same policy.
      if (table.resourcePolicy?.policy === document) return {};
      const lastRevision = Number(table.resourcePolicy?.revision ?? 0);
      return { resourcePolicy: { policy: document, revision: String(Math.max(clock.now(), lastRevision + 1)) } };
    });
    return { ...(resourcePolicy !== undefined && { RevisionId: resourcePolicy.revision }) };
  },
});

export const getResourcePolicy = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: (context, input: GetResourcePolicyCommandInput) => [
    onTable(context, 'GetResourcePolicy', resourceArn(input.ResourceArn)),
  ],
  run(context: AwsContext, input: GetResourcePolicyCommandInput): Answer<GetResourcePolicyCommandOutput> {
    const { account, name } = tableReference(context, input.ResourceArn);
    const { resourcePolicy } = tables.need(account, name);
    if (resourcePolicy === undefined)
      throw policyNotFound(`Resource-based policy not found for the provided ResourceArn: ${input.ResourceArn}`);
    return Promise.resolve({ Policy: resourcePolicy.policy, RevisionId: resourcePolicy.revision });
  },
});

export const deleteResourcePolicy = ({ tables }: DynamoDbParts): OperationEntry => ({
  access: (context, input: DeleteResourcePolicyCommandInput) => [
    onTable(context, 'DeleteResourcePolicy', resourceArn(input.ResourceArn)),
  ],
  async run(context: AwsContext, input: DeleteResourcePolicyCommandInput): Answer<DeleteResourcePolicyCommandOutput> {
    const { account, name } = tableReference(context, input.ResourceArn);
    let gone: Table['resourcePolicy'];
    await tables.update(account, name, (table) => {
      checkRevision(table, input.ExpectedRevisionId);
      gone = table.resourcePolicy;
      return { resourcePolicy: undefined };
    });
    return { ...(gone !== undefined && { RevisionId: gone.revision }) };
  },
});

function checkRevision({ resourcePolicy }: Table, expected: string | undefined): void {
  if (expected === undefined || expected === (resourcePolicy?.revision ?? noPolicy)) return;
  throw policyNotFound('The RevisionId provided does not match the current RevisionId of the policy');
}

const policyNotFound = (message: string): PlatformError =>
  new PlatformError('not_found', message, { reason: 'PolicyNotFoundException' });

/** Errors: ValidationException for what cannot be used. */
export function checkPolicy(document: string): void {
  if (Buffer.byteLength(document) > tableLimits.policyBytesMax)
    throw invalidTable(`Resource-based policy size exceeds the limit of ${tableLimits.policyBytesMax} bytes`, 'Policy');
  try {
    parsePolicyDocument(document);
  } catch (error) {
    if (error instanceof PlatformError) throw invalidTable(`Invalid policy document: ${error.message}`, 'Policy');
    throw error;
  }
}
