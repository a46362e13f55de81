/**
 * AWS Lambda's control API and its invocation, over the registry and the data path: one file for each operation.
 * docs/reference/lambda.md says what is built and what differs.
 * https://docs.aws.amazon.com/lambda/latest/api/welcome.html
 */
import { lambdaModel, type LambdaOperationName } from '../model/lambda.ts';
import type { AwsService, OperationEntry, OperationTable } from '../service.ts';
import { checkConstraints } from './check-constraints.ts';
import type { LambdaParts } from './lambda-parts.ts';

export function createLambdaService(_parts: LambdaParts): AwsService {
  const operations: OperationTable<LambdaOperationName> = {
    AddLayerVersionPermission: 'not built',
    AddPermission: 'not built',
    CheckpointDurableExecution: 'not built',
    CreateAlias: 'not built',
    CreateCapacityProvider: 'not built',
    CreateCodeSigningConfig: 'not built',
    CreateEventSourceMapping: 'not built',
    CreateFunction: 'not built',
    CreateFunctionUrlConfig: 'not built',
    DeleteAlias: 'not built',
    DeleteCapacityProvider: 'not built',
    DeleteCodeSigningConfig: 'not built',
    DeleteEventSourceMapping: 'not built',
    DeleteFunction: 'not built',
    DeleteFunctionCodeSigningConfig: 'not built',
    DeleteFunctionConcurrency: 'not built',
    DeleteFunctionEventInvokeConfig: 'not built',
    DeleteFunctionUrlConfig: 'not built',
    DeleteLayerVersion: 'not built',
    DeleteProvisionedConcurrencyConfig: 'not built',
    DeleteResourcePolicy: 'not built',
    GetAccountSettings: 'not built',
    GetAlias: 'not built',
    GetCapacityProvider: 'not built',
    GetCodeSigningConfig: 'not built',
    GetDurableExecution: 'not built',
    GetDurableExecutionHistory: 'not built',
    GetDurableExecutionState: 'not built',
    GetEventSourceMapping: 'not built',
    GetFunction: 'not built',
    GetFunctionCodeSigningConfig: 'not built',
    GetFunctionConcurrency: 'not built',
    GetFunctionConfiguration: 'not built',
    GetFunctionEventInvokeConfig: 'not built',
    GetFunctionRecursionConfig: 'not built',
    GetFunctionScalingConfig: 'not built',
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
    ListCapacityProviders: 'not built',
    ListCodeSigningConfigs: 'not built',
    ListDurableExecutionsByFunction: 'not built',
    ListEventSourceMappings: 'not built',
    ListFunctionEventInvokeConfigs: 'not built',
    ListFunctionUrlConfigs: 'not built',
    ListFunctionVersionsByCapacityProvider: 'not built',
    ListFunctions: 'not built',
    ListFunctionsByCodeSigningConfig: 'not built',
    ListLayerVersions: 'not built',
    ListLayers: 'not built',
    ListProvisionedConcurrencyConfigs: 'not built',
    ListTags: 'not built',
    ListVersionsByFunction: 'not built',
    PublishLayerVersion: 'not built',
    PublishVersion: 'not built',
    PutFunctionCodeSigningConfig: 'not built',
    PutFunctionConcurrency: 'not built',
    PutFunctionEventInvokeConfig: 'not built',
    PutFunctionRecursionConfig: 'not built',
    PutFunctionScalingConfig: 'not built',
    PutProvisionedConcurrencyConfig: 'not built',
    PutResourcePolicy: 'not built',
    PutRuntimeManagementConfig: 'not built',
    RemoveLayerVersionPermission: 'not built',
    RemovePermission: 'not built',
    SendDurableExecutionCallbackFailure: 'not built',
    SendDurableExecutionCallbackHeartbeat: 'not built',
    SendDurableExecutionCallbackSuccess: 'not built',
    StopDurableExecution: 'not built',
    TagResource: 'not built',
    UntagResource: 'not built',
    UpdateAlias: 'not built',
    UpdateCapacityProvider: 'not built',
    UpdateCodeSigningConfig: 'not built',
    UpdateEventSourceMapping: 'not built',
    UpdateFunctionCode: 'not built',
    UpdateFunctionConfiguration: 'not built',
    UpdateFunctionEventInvokeConfig: 'not built',
    UpdateFunctionUrlConfig: 'not built',
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
