import type {
  DescribeParametersRequest,
  DescribeParametersResult,
  GetParameterHistoryRequest,
  GetParameterHistoryResult,
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter as Answered,
  ParameterStringFilter,
} from '@aws-sdk/client-ssm';
import {
  checkParameterFilters,
  isBelow,
  passesFilters,
  type ParameterFilter,
} from '../../resources/parameter/find-parameters.ts';
import {
  invalidParameterInput,
  parameterArn,
  parameterError,
  parameterNotFound,
  type Parameter,
} from '../../resources/parameter/parameter.ts';
import { PlatformError } from '../../util/errors.ts';
import { pageOf } from '../page.ts';
import type { Access, AwsContext, OperationEntry } from '../service.ts';
import { onAll, onParameter } from './parameter-access.ts';
import { answered, answeredHistory, answeredMetadata, type Reading } from './parameter-answer.ts';
import { isSecretReference, onReferredSecret, readSecretReference } from './secret-reference.ts';
import type { SsmParts } from './ssm-parts.ts';

/** What one answer has unless more is asked for. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html */
const describedMax = 50;
const byPathMax = 10;
const pathFilterKeys = ['Type', 'KeyId', 'Label', 'DataType', 'Tier'];

const tokenError = 'InvalidNextToken';

const readingOf = ({ parameters, vaultFor }: SsmParts, context: AwsContext, withDecryption = false): Reading => ({
  parameters,
  vault: vaultFor(context),
  withDecryption,
});

const accessTo = (parts: SsmParts, context: AwsContext, action: string, name: string): Access[] => [
  onParameter(parts.parameters, context, action, name),
  ...(isSecretReference(name) ? [onReferredSecret(parts, context, name)] : []),
];

/** Errors: ParameterNotFound, ParameterVersionNotFound. */
async function read(parts: SsmParts, context: AwsContext, text: string, withDecryption = false): Promise<Answered> {
  if (isSecretReference(text)) return readSecretReference(parts, context, text, withDecryption);
  const { parameters } = parts;
  const { account, name, selector } = parameters.reference(context.account, text);
  const parameter = parameters.get(account, name);
  if (parameter === undefined) throw parameterNotFound(text);
  return answered(
    readingOf(parts, context, withDecryption),
    parameter,
    parameters.version(parameter, selector),
    selector,
  );
}

export const getParameter = (parts: SsmParts): OperationEntry => ({
  access: (context, input: GetParameterRequest) => accessTo(parts, context, 'GetParameter', input.Name ?? ''),
  run: async (context: AwsContext, input: GetParameterRequest): Promise<GetParameterResult> => ({
    Parameter: await read(parts, context, input.Name ?? '', input.WithDecryption),
  }),
});

/** What is not there is listed as such, and holds up nothing. */
export const getParameters = (parts: SsmParts): OperationEntry => ({
  access: (context, input: GetParametersRequest) =>
    (input.Names ?? []).flatMap((name) => accessTo(parts, context, 'GetParameters', name)),
  async run(context: AwsContext, input: GetParametersRequest): Promise<GetParametersResult> {
    const Parameters: Answered[] = [];
    const InvalidParameters: string[] = [];
    for (const name of new Set(input.Names)) {
      try {
        Parameters.push(await read(parts, context, name, input.WithDecryption));
      } catch (error) {
        if (!(error instanceof PlatformError) || error.code !== 'not_found') throw error;
        InvalidParameters.push(name);
      }
    }
    return { Parameters, InvalidParameters };
  },
});

export const getParametersByPath = (parts: SsmParts): OperationEntry => ({
  access: ({ account, region }, input: GetParametersByPathRequest) => [
    { action: 'ssm:GetParametersByPath', resource: parameterArn(region, account, input.Path ?? '') },
  ],
  async run(context: AwsContext, input: GetParametersByPathRequest): Promise<GetParametersByPathResult> {
    const { Path: path = '', Recursive: isRecursive = false, MaxResults: limit = byPathMax } = input;
    if (!/^\/(?:[A-Za-z0-9_.-]+\/?)*$/.test(path))
      throw invalidParameterInput(
        'The parameter path is not valid: it begins with "/", and has letters, numbers and . - _ between slashes.',
        'Path',
      );
    const filters = filtersOf(input.ParameterFilters);
    checkParameterFilters(filters, pathFilterKeys);
    const found = parts.parameters
      .list(context.account)
      .filter((parameter) => isBelow(parameter.name, path, isRecursive) && passesFilters(parameter, filters));
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit, tokenError }, nameOf);
    const reading = readingOf(parts, context, input.WithDecryption);
    const label = filters.find(({ key }) => key === 'Label')?.values[0];
    const Parameters = await Promise.all(
      page.map((parameter) => {
        // By a label it is the version that has it.
        const selector = label === undefined ? '' : `:${label}`;
        return answered(reading, parameter, parts.parameters.version(parameter, selector), selector);
      }),
    );
    return { Parameters, ...next };
  },
});

export const describeParameters = ({ parameters }: SsmParts): OperationEntry => ({
  access: () => [onAll('DescribeParameters')],
  run({ account }: AwsContext, input: DescribeParametersRequest): Promise<DescribeParametersResult> {
    const { Filters: older = [], ParameterFilters: given = [], MaxResults: limit = describedMax } = input;
    if (older.length > 0 && given.length > 0)
      throw invalidParameterInput('You can use either Filters or ParameterFilters in a single request.', 'Filters');
    if (input.Shared === true) return Promise.resolve({ Parameters: [] });
    const filters = [
      ...filtersOf(given),
      ...older.map(({ Key = 'Name', Values = [] }) => ({ key: Key, option: 'BeginsWith', values: Values })),
    ];
    checkParameterFilters(filters);
    const found = parameters.list(account).filter((parameter) => passesFilters(parameter, filters));
    const { page, ...next } = pageOf(found, { token: input.NextToken, limit, tokenError }, nameOf);
    return Promise.resolve({ Parameters: page.map((parameter) => answeredMetadata(parameters, parameter)), ...next });
  },
});

export const getParameterHistory = (parts: SsmParts): OperationEntry => ({
  access: (context, input: GetParameterHistoryRequest) => [
    onParameter(parts.parameters, context, 'GetParameterHistory', input.Name),
  ],
  async run(context: AwsContext, input: GetParameterHistoryRequest): Promise<GetParameterHistoryResult> {
    const { parameters } = parts;
    const { account, name } = parameters.reference(context.account, input.Name ?? '');
    const parameter = parameters.need(account, name);
    const { page, ...next } = pageOf(
      parameter.versions,
      { token: input.NextToken, limit: input.MaxResults ?? describedMax, tokenError },
      ({ number }) => String(number).padStart(16, '0'),
    );
    const reading = readingOf(parts, context, input.WithDecryption);
    const Parameters = await Promise.all(page.map((version) => answeredHistory(reading, parameter, version)));
    return { Parameters, ...next };
  },
});

const nameOf = ({ name }: Parameter): string => name;

const filtersOf = (given: readonly ParameterStringFilter[] | undefined): ParameterFilter[] =>
  (given ?? []).map(({ Key: key, Option: option, Values: values = [] }) => {
    if (key === undefined) throw parameterError('InvalidFilterKey', 'A filter needs a Key.', 'ParameterFilters');
    return { key, option, values };
  });
