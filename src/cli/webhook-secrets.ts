import type { LoadedProject } from '../manifest/load-project.ts';
import { PlatformError } from '../util/errors.ts';

/**
 * The project with the secrets of its webhooks, its routes for CloudEvents and its destinations: a variable that one names
 * and the manifest does not set is taken from the environment of who deploys, so that no secret need be in a file. Throws `invalid_argument` where none
 * of one's variables is anywhere.
 */
export function withWebhookSecrets(
  project: LoadedProject,
  environment: Readonly<Record<string, string | undefined>>,
): LoadedProject {
  const functions = project.manifest.functions.map((fn) => {
    const { environment: own } = fn.settings;
    const taken: Record<string, string> = {};
    const take = (name: string): void => {
      const value = environment[name];
      if (!Object.hasOwn(own, name) && value !== undefined && value !== '') taken[name] = value;
    };
    const isThere = (name: string): boolean => Object.hasOwn(own, name) || Object.hasOwn(taken, name);
    for (const { token, url } of Object.values(fn.settings.destinations ?? {})) {
      if (token === undefined) continue;
      take(token);
      if (!isThere(token))
        throw new PlatformError(
          'invalid_argument',
          `The destination ${url} of '${fn.name}' has no token: ${token} is set neither in the function's environment nor where you deploy. Set it there (export ${token}=…) and deploy again.`,
          { field: `functions.${fn.name}.destinations` },
        );
    }
    for (const source of fn.sources) {
      if (source.kind !== 'webhook' && source.kind !== 'cloudevent') continue;
      for (const name of source.secrets) take(name);
      // A route for CloudEvents may be open.
      if (source.secrets.length === 0 || source.secrets.some(isThere)) continue;
      throw new PlatformError(
        'invalid_argument',
        `The ${source.kind} at ${source.path} of '${fn.name}' has no secret: ${source.secrets.join(' and ')} is set neither in the function's environment nor where you deploy. Set it there (export ${source.secrets[0]}=…) and deploy again.`,
        { field: `functions.${fn.name}.events` },
      );
    }
    return Object.keys(taken).length === 0
      ? fn
      : { ...fn, settings: { ...fn.settings, environment: { ...own, ...taken } } };
  });
  return { ...project, manifest: { ...project.manifest, functions } };
}
