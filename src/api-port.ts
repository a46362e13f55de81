/** Who answers on the API port: the console's page, the admin API, the zips of functions, the certificate of messages, or a service of AWS's. */
import { codePrefix } from './aws/lambda/code-location.ts';
import { bucketInHost } from './aws/protocol/s3.ts';
import { consolePath } from './console/console.ts';
import { controlPrefix } from './control/control.ts';
import type { HttpHandler } from './util/http.ts';

export function createApiPort(doors: {
  console: HttpHandler;
  control: HttpHandler;
  code: HttpHandler;
  /** By path; undefined: not one of its addresses. */
  certificate(path: string): HttpHandler | undefined;
  aws: HttpHandler;
}): HttpHandler {
  return (request) => {
    const { path, headers } = request;
    // Where the host names a bucket, the path is a key, whatever it begins with.
    if (bucketInHost(headers['host'] ?? '') !== undefined) return doors.aws(request);
    if (path.startsWith(codePrefix)) return doors.code(request);
    const certificate = doors.certificate(path);
    if (certificate !== undefined) return certificate(request);
    if (!`${path}/`.startsWith(controlPrefix)) return doors.aws(request);
    return `${path}/`.startsWith(consolePath) ? doors.console(request) : doors.control(request);
  };
}
