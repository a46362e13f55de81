import { PlatformError } from '../util/errors.ts';
import { jsonResponse, type Endpoint } from './endpoint.ts';
import type { PlatformView } from './views.ts';

export const getHealth: Endpoint = (context) => {
  const { version } = context;
  const problems = [...(context.hasRoom?.() === false ? ['the disk is full'] : []), ...(context.problems?.() ?? [])];
  return Promise.resolve(
    jsonResponse(problems.length > 0 ? { status: 'degraded', version, problems } : { status: 'ok', version }),
  );
};

export const getPlatform: Endpoint = (context, call) => {
  const { version, region, limits, mode, dataFolder, startedMs } = context;
  const { apiPort, httpPort } = context.ports();
  const { account } = call;
  const view: PlatformView = { version, account, region, limits, mode, apiPort, httpPort, dataFolder, startedMs };
  return Promise.resolve(jsonResponse(view));
};

export const getDoctor: Endpoint = async (context) =>
  jsonResponse({
    capabilities: await context.capabilities(),
    runtimes: await context.runtimes(),
    releases: context.releases(),
  });

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const getMetrics: Endpoint = async (context) => ({
  status: 200,
  headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  body: await context.metrics(),
});

export const postConsoleToken: Endpoint = (context, call) => {
  if (context.issueConsoleToken === undefined) {
    return Promise.reject(
      new PlatformError('conflict', 'the console needs no token in dev: open /_mayfly/console/ as it is'),
    );
  }
  if (call.principal.kind === 'anonymous')
    return Promise.reject(
      new PlatformError('unauthenticated', 'a console token is for somebody, and nobody has signed'),
    );
  // Its credentials are good in one environment alone; a token would be good everywhere.
  if (call.principal.kind === 'function')
    return Promise.reject(
      new PlatformError('permission_denied', 'a console token is for people: a function has its own credentials'),
    );
  const { accessKeyId: _key, ...bearer } = call.principal;
  const { token, expiresMs } = context.issueConsoleToken(bearer);
  const url = `http://127.0.0.1:${context.ports().apiPort}/_mayfly/console/#token=${token}`;
  return Promise.resolve(jsonResponse({ token, expiresMs, url }));
};

export const postReset: Endpoint = async (context) => {
  if (context.reset === undefined) {
    throw new PlatformError(
      'permission_denied',
      'reset deletes everything and exists in dev only: this platform was started with serve',
    );
  }
  await context.reset();
  return jsonResponse({});
};
