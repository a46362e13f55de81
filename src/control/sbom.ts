/** What published packages a function is made of, and what is known to be wrong with them. docs/reference/supply-chain.md */
import { liveQualifier } from '../registry/function.ts';
import { cycloneDx, type Advice } from '../resources/packages/cyclonedx.ts';
import type { Package } from '../resources/packages/package.ts';
import { isObject } from '../util/field.ts';
import { PlatformError } from '../util/errors.ts';
import type { RequestId } from '../util/ids.ts';
import { jsonResponse, readJson, type Endpoint } from './endpoint.ts';
import { functionOf } from './functions.ts';

/** Of one request; the command line sends several. */
const advisoriesBytesMax = 16 * 1024 * 1024;

export type SbomView = {
  function: string;
  version: string;
  packages: readonly Package[];
  advice: readonly Advice[];
  /** The same in CycloneDX. */
  sbom: object;
};

/** `version`: a number or an alias; what is live otherwise. */
export const getSbom: Endpoint = async (context, call) => {
  const record = functionOf(context, call);
  const { account, name } = record;
  const asked = call.query.get('version') ?? undefined;
  const qualifier = asked ?? liveQualifier(record);
  const resolved = context.registry.resolve(account, name, qualifier, context.ids.uuid() as RequestId);
  if (resolved === undefined)
    throw new PlatformError('not_found', `function '${name}' has no version or alias '${asked ?? ''}'`, {
      field: 'version',
    });
  const packages = await context.packages.of(resolved);
  const advice = await context.packages.advisories.match(packages);
  const { version, createdMs, settings } = resolved.version;
  const described = { name, version, bundle: settings.bundle, createdMs, platform: context.version, packages, advice };
  const view: SbomView = { function: name, version, packages, advice, sbom: cycloneDx(described) };
  return jsonResponse(view);
};

export const getAdvisories: Endpoint = async (context) =>
  jsonResponse({ count: await context.packages.advisories.count() });

/** `{ advisories: [OSV] }`, added to those that there are. Answers how many packages they are about. */
export const postAdvisories: Endpoint = async (context, call) => {
  const body = await readJson(call.request, advisoriesBytesMax);
  const advisories: unknown = isObject(body) ? body['advisories'] : undefined;
  if (!Array.isArray(advisories))
    throw new PlatformError('invalid_argument', 'advisories is missing: a list of advisories in the OSV format', {
      field: 'advisories',
    });
  context.requireRoom?.();
  return jsonResponse({ taken: await context.packages.advisories.put(advisories) });
};

export const deleteAdvisories: Endpoint = async (context) =>
  jsonResponse({ removed: await context.packages.advisories.clear() });
