/**
 * AWS Lambda's control API and its invocation, over the registry and the data path: one file for each operation.
 * docs/reference/lambda.md says what is built and what differs.
 * https://docs.aws.amazon.com/lambda/latest/api/welcome.html
 */
import { lambdaModel, type LambdaOperationName } from '../model/lambda.ts';
import type { AwsService, OperationEntry, OperationTable } from '../service.ts';
import { capacityProviderOperations } from './capacity-providers.ts';
import { checkConstraints } from './check-constraints.ts';
import { codeSigningOperations } from './code-signing.ts';
import { deleteFunctionConcurrency } from './delete-function-concurrency.ts';
import { deleteFunctionEventInvokeConfig } from './delete-function-event-invoke-config.ts';
import { durableExecutionOperations } from './durable-executions.ts';
import { getFunctionConcurrency } from './get-function-concurrency.ts';
import { getFunctionEventInvokeConfig } from './get-function-event-invoke-config.ts';
import { getFunctionRecursionConfig } from './get-function-recursion-config.ts';
import type { LambdaParts } from './lambda-parts.ts';
import { listFunctionEventInvokeConfigs } from './list-function-event-invoke-configs.ts';
import { putFunctionConcurrency } from './put-function-concurrency.ts';
import { putFunctionEventInvokeConfig } from './put-function-event-invoke-config.ts';
import { putFunctionRecursionConfig } from './put-function-recursion-config.ts';
import { updateFunctionEventInvokeConfig } from './update-function-event-invoke-config.ts';

export function createLambdaService(parts: LambdaParts): AwsService {
  const operations: OperationTable<LambdaOperationName> = {
    AddLayerVersionPermission: 'not built',
    AddPermission: 'not built',
    CreateAlias: 'not built',
    CreateEventSourceMapping: 'not built',
    CreateFunction: 'not built',
    CreateFunctionUrlConfig: 'not built',
    DeleteAlias: 'not built',
    DeleteEventSourceMapping: 'not built',
    DeleteFunction: 'not built',
    DeleteFunctionConcurrency: deleteFunctionConcurrency(parts),
    DeleteFunctionEventInvokeConfig: deleteFunctionEventInvokeConfig(parts),
    DeleteFunctionUrlConfig: 'not built',
    DeleteLayerVersion: 'not built',
    DeleteProvisionedConcurrencyConfig: 'not built',
    DeleteResourcePolicy: 'not built',
    GetAccountSettings: 'not built',
    GetAlias: 'not built',
    GetEventSourceMapping: 'not built',
    GetFunction: 'not built',
    GetFunctionConcurrency: getFunctionConcurrency(parts),
    GetFunctionConfiguration: 'not built',
    GetFunctionEventInvokeConfig: getFunctionEventInvokeConfig(parts),
    GetFunctionRecursionConfig: getFunctionRecursionConfig(parts),
    GetFunctionUrlConfig: 'not built',
    GetLayerVersion: 'not built',
    GetLayerVersionByArn: 'not built',
    GetLayerVersionPolicy: 'not built',
    GetPolicy: 'not built',
    GetProvisionedConcurrencyConfig: 'not built',
    GetResourcePolicy: 'not built',
    GetRuntimeManagementConfig: 'not built',
    Invoke: 'not built',
    InvokeAsync: 'not built',
    InvokeWithResponseStream: 'not built',
    ListAliases: 'not built',
    ListEventSourceMappings: 'not built',
    ListFunctionEventInvokeConfigs: listFunctionEventInvokeConfigs(parts),
    ListFunctionUrlConfigs: 'not built',
    ListFunctions: 'not built',
    ListLayerVersions: 'not built',
    ListLayers: 'not built',
    ListProvisionedConcurrencyConfigs: 'not built',
    ListTags: 'not built',
    ListVersionsByFunction: 'not built',
    PublishLayerVersion: 'not built',
    PublishVersion: 'not built',
    PutFunctionConcurrency: putFunctionConcurrency(parts),
    PutFunctionEventInvokeConfig: putFunctionEventInvokeConfig(parts),
    PutFunctionRecursionConfig: putFunctionRecursionConfig(parts),
    PutProvisionedConcurrencyConfig: 'not built',
    PutResourcePolicy: 'not built',
    PutRuntimeManagementConfig: 'not built',
    RemoveLayerVersionPermission: 'not built',
    RemovePermission: 'not built',
    TagResource: 'not built',
    UntagResource: 'not built',
    UpdateAlias: 'not built',
    UpdateEventSourceMapping: 'not built',
    UpdateFunctionCode: 'not built',
    UpdateFunctionConfiguration: 'not built',
    UpdateFunctionEventInvokeConfig: updateFunctionEventInvokeConfig(parts),
    UpdateFunctionUrlConfig: 'not built',
    ...capacityProviderOperations,
    ...codeSigningOperations(parts),
    ...durableExecutionOperations(parts),
  };
  return {
    name: 'lambda',
    signingNames: ['lambda'],
    protocols: ['rest-json'],
    model: lambdaModel,
    operations: constrained(operations),
  };
}

/** Each with its input held to the service model's constraints before anything else looks at it. */
function constrained(operations: OperationTable<LambdaOperationName>): OperationTable<string> {
  return Object.fromEntries(
    Object.entries(operations).map(([name, entry]) => {
      if (entry === 'not built') return [name, entry];
      const structure = lambdaModel.operations[name]?.input ?? '';
      const access: OperationEntry['access'] = (context, input) => {
        checkConstraints(structure, input);
        return entry.access(context, input);
      };
      return [name, { ...entry, access }];
    }),
  );
}
