/**
 * A function URL's configuration as Lambda names it. https://docs.aws.amazon.com/lambda/latest/api/API_FunctionUrlConfig.html
 *
 * Differs: an address is http, below `localhost`, at the gateway's port, until the platform is given a name and a
 * certificate; functions do not reach addresses from inside.
 */
import type { Cors as WrittenCors, FunctionUrlConfig } from '@aws-sdk/client-lambda';
import type { Cors, FunctionRecord, FunctionUrl } from '../../registry/function.ts';
import { latestVersion } from '../../util/ids.ts';
import type { FunctionReference } from './function-reference.ts';
import { invalidParameterValue, resourceNotFound } from './lambda-errors.ts';
import type { LambdaParts } from './lambda-parts.ts';

/** Lambda's methods, besides `*`; OPTIONS is the browser's question, and always answered. */
const methods = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH'];

/** Where a function's addresses are kept: by alias, and `$LATEST` for the function's own. */
export const urlKey = ({ qualifier }: FunctionReference): string => qualifier ?? latestVersion;

export const ownUrl = ({ extras }: FunctionRecord, key: string): FunctionUrl | undefined =>
  Object.hasOwn(extras.urls, key) ? extras.urls[key] : undefined;

export const urlMissing = (): Error => resourceNotFound('The resource you requested does not exist.');

/** The function, with an alias if one was named. Errors: ResourceNotFoundException. */
export function functionForUrl(registry: LambdaParts['registry'], reference: FunctionReference): FunctionRecord {
  const { account, name, qualifier } = reference;
  const record = registry.get(account, name);
  if (record === undefined || (qualifier !== undefined && !Object.hasOwn(record.aliases, qualifier))) {
    throw resourceNotFound('Function does not exist');
  }
  return record;
}

export function writeUrl(
  { region, httpPort }: Pick<LambdaParts, 'region' | 'httpPort'>,
  { arn }: Pick<FunctionReference, 'arn'>,
  key: string,
  url: FunctionUrl,
): FunctionUrlConfig {
  return {
    // Names below localhost lead back to this machine, so that the address works in a browser as it is.
    FunctionUrl: `http://${url.urlId}.lambda-url.${region}.localhost:${httpPort()}/`,
    FunctionArn: key === latestVersion ? arn : `${arn}:${key}`,
    AuthType: url.auth === 'iam' ? 'AWS_IAM' : 'NONE',
    ...(url.cors === undefined ? {} : { Cors: writeCors(url.cors) }),
    CreationTime: urlTime(url.createdMs),
    LastModifiedTime: urlTime(url.modifiedMs),
    InvokeMode: url.streams ? 'RESPONSE_STREAM' : 'BUFFERED',
  };
}

/** Other than most of Lambda's times, with microseconds and a Z: `2024-10-01T12:27:05.457348Z`. */
const urlTime = (timeMs: number): string => new Date(timeMs).toISOString().replace('Z', '000Z');

function writeCors({
  allowCredentials,
  allowHeaders,
  allowMethods,
  allowOrigins,
  exposeHeaders,
  maxAgeS,
}: Cors): WrittenCors {
  return {
    ...(allowCredentials === undefined ? {} : { AllowCredentials: allowCredentials }),
    ...(allowHeaders === undefined ? {} : { AllowHeaders: [...allowHeaders] }),
    ...(allowMethods === undefined ? {} : { AllowMethods: [...allowMethods] }),
    ...(allowOrigins === undefined ? {} : { AllowOrigins: [...allowOrigins] }),
    ...(exposeHeaders === undefined ? {} : { ExposeHeaders: [...exposeHeaders] }),
    ...(maxAgeS === undefined ? {} : { MaxAge: maxAgeS }),
  };
}

/** Undefined: none is wanted any more (an empty one was given). Errors: InvalidParameterValueException. */
export function readCors(cors: WrittenCors): Cors | undefined {
  const { AllowCredentials, AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders, MaxAge } = cors;
  const wrong = (AllowMethods ?? []).find((method) => method !== '*' && !methods.includes(method));
  if (wrong !== undefined) {
    throw invalidParameterValue(
      `Invalid method ${wrong} in Cors AllowMethods. You can use ${methods.join(', ')}, and the wildcard character (*).`,
      { field: 'Cors' },
    );
  }
  for (const [name, list] of Object.entries({ AllowHeaders, AllowOrigins, ExposeHeaders })) {
    const wrongValue = list?.find((value) => !/^[\x20-\x7e]*$/.test(value));
    if (wrongValue === undefined) continue;
    throw invalidParameterValue(`Cors ${name} holds ${JSON.stringify(wrongValue)}, which cannot be in a header.`, {
      field: 'Cors',
    });
  }
  const read: Cors = {
    ...(AllowCredentials === undefined ? {} : { allowCredentials: AllowCredentials }),
    ...(AllowHeaders === undefined ? {} : { allowHeaders: AllowHeaders }),
    ...(AllowMethods === undefined ? {} : { allowMethods: AllowMethods }),
    ...(AllowOrigins === undefined ? {} : { allowOrigins: AllowOrigins }),
    ...(ExposeHeaders === undefined ? {} : { exposeHeaders: ExposeHeaders }),
    ...(MaxAge === undefined ? {} : { maxAgeS: MaxAge }),
  };
  return Object.keys(read).length === 0 ? undefined : read;
}
