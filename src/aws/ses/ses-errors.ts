/** Refusals in the words of SES's first API; its second has others for the same (`inSecondApi`). */
import { PlatformError } from '../../util/errors.ts';

export const refused = (reason: string, message: string, field?: string): PlatformError =>
  new PlatformError('invalid_argument', message, { reason, ...(field !== undefined && { field }) });

export const invalidParameter = (message: string, field?: string): PlatformError =>
  refused('InvalidParameterValue', message, field);

export const noTemplate = (name: string): PlatformError =>
  refused('TemplateDoesNotExist', `Template ${name} does not exist.`, 'TemplateName');

export const noConfigurationSet = (name: string): PlatformError =>
  refused('ConfigurationSetDoesNotExist', `Configuration set <${name}> does not exist.`, 'ConfigurationSetName');

const secondNames: Readonly<Record<string, string>> = {
  TemplateDoesNotExist: 'NotFoundException',
  ConfigurationSetDoesNotExist: 'NotFoundException',
  ConfigurationSetAlreadyExists: 'AlreadyExistsException',
  AlreadyExists: 'AlreadyExistsException',
  InvalidTemplate: 'BadRequestException',
  MissingRenderingAttribute: 'BadRequestException',
  InvalidRenderingParameter: 'BadRequestException',
  InvalidParameterValue: 'BadRequestException',
  AccountSendingPausedException: 'SendingPausedException',
  LimitExceeded: 'LimitExceededException',
};

export function inSecondApi(error: unknown): unknown {
  const name = error instanceof PlatformError ? secondNames[error.reason ?? ''] : undefined;
  if (!(error instanceof PlatformError) || name === undefined) return error;
  return new PlatformError(error.code, error.message, {
    reason: name,
    cause: error,
    ...(error.field !== undefined && { field: error.field }),
  });
}
