import { ProjectError, type Complaint } from '../manifest/complaint.ts';
import type { LoadedProject } from '../manifest/load-project.ts';

/**
 * The project with the secrets of its webhooks, its routes for CloudEvents and its destinations: a variable that one names
 * and the manifest does not set is taken from the environment of who deploys, so that no secret need be in a file. Throws a
 * ProjectError where none of one's variables is anywhere.
 */
export function withWebhookSecrets(
  project: LoadedProject,
  environment: Readonly<Record<string, string | undefined>>,
): LoadedProject {
  const complaints: Complaint[] = [];
  const functions = project.manifest.functions.map((fn) => {
    const { environment: own } = fn.settings;
    const taken: Record<string, string> = {};
    for (const { of, what, names, at, path } of fn.wantedVariables) {
      for (const name of names) {
        const value = environment[name];
        if (!Object.hasOwn(own, name) && value !== undefined && value !== '') taken[name] = value;
      }
      if (names.some((name) => Object.hasOwn(own, name) || Object.hasOwn(taken, name))) continue;
      const message = `${of} has no ${what}: ${names.join(' and ')} is set neither in the function's environment nor where you deploy. Set it there (export ${names[0]}=…) and deploy again.`;
      complaints.push({ file: project.file, ...at, field: path, message });
    }
    return Object.keys(taken).length === 0
      ? fn
      : { ...fn, settings: { ...fn.settings, environment: { ...own, ...taken } } };
  });
  if (complaints.length > 0) throw new ProjectError(complaints);
  return { ...project, manifest: { ...project.manifest, functions } };
}
