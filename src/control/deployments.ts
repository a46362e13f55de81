import { codeOf } from '../registry/function.ts';
import { isBundleHash } from '../registry/settings.ts';
import { PlatformError } from '../util/errors.ts';
import type { BundleHash } from '../util/ids.ts';
import { applyDeployment, planDeployment, removeApplication } from './apply.ts';
import { jsonResponse, parameter, readJson, type Call, type Endpoint } from './endpoint.ts';
import { listApplications } from './owned.ts';
import { parseDeployment } from './parse-deployment.ts';
import type { ApplicationView } from './views.ts';

/** Two thousand functions with full environments. */
const deploymentBytesMax = 32 * 1024 * 1024;

export const postDeployment: Endpoint = async (context, call) => {
  const deployment = parseDeployment(await readJson(call.request, deploymentBytesMax), context.limits);
  const isPlan = call.query.get('plan') === '1';
  // All of it is looked at before anything is made.
  for (const { name, settings, signature } of deployment.functions) {
    const before = context.registry.get(call.account, name);
    const has = before === undefined ? [] : codeOf(before.latest.settings);
    context.signers.require(call.account, name, codeOf(settings), { signature, has });
  }
  if (!isPlan) context.requireRoom?.();
  const changes = await (isPlan ? planDeployment : applyDeployment)(context, call.account, deployment);
  return jsonResponse({ application: deployment.application, changes });
};

export const listDeployments: Endpoint = async (context, call) => {
  const functions = context.registry.list(call.account);
  const applications = (await listApplications(context, call.account)).map((application): ApplicationView => ({
    application,
    functions: functions.filter((record) => record.application === application).map(({ name }) => name),
  }));
  return jsonResponse({ applications });
};

export const deleteDeployment: Endpoint = async (context, call) =>
  jsonResponse({ changes: await removeApplication(context, call.account, parameter(call, 'application')) });

function hashOf(call: Call): BundleHash {
  const hash = parameter(call, 'hash');
  if (isBundleHash(hash)) return hash;
  throw new PlatformError('invalid_argument', `'${hash}' is not a SHA-256: 64 lower-case hex digits are accepted`, {
    field: 'hash',
  });
}

export const headBundle: Endpoint = async (context, call) => ({
  status: (await context.registry.hasBundle(hashOf(call))) ? 200 : 404,
  headers: {},
});

export const putBundle: Endpoint = async (context, call) => {
  context.requireRoom?.();
  return jsonResponse(await context.registry.addBundle(hashOf(call), call.request.body));
};
