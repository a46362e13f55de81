/**
 * The AWS entrance's port: a service is a model (shapes, generated) and a table of operations. The wire belongs to
 * aws/protocol/; an operation sees plain input and answers plain output, typed by the official SDK's own types.
 */
import type { Principal } from '../identity/principal.ts';
import type { Cause } from '../util/cause.ts';
import type { HttpRequest } from '../util/http.ts';
import type { AccountId } from '../util/ids.ts';

export type AwsContext = {
  account: AccountId;
  region: string;
  principal: Principal;
  /** Ours for this call, sent back in the service's own header. */
  requestId: string;
  /** The cause of whatever this call brings about. */
  cause: Cause;
  request: HttpRequest;
  /** Base URL under which the caller reached us (`http://127.0.0.1:4566`), for answers that contain addresses. */
  endpoint: string;
};

/**
 * Input as the model's shapes decode: members by their SDK names, timestamps as Date, blobs as Uint8Array, a streaming
 * blob as AsyncIterable<Uint8Array> (already freed of chunk signatures; reading to its end verifies length and
 * checksums and throws what does not match). Output likewise; a streaming blob with its `ContentLength`.
 * Errors are PlatformError: `reason` is the AWS error code, `message` its text, `facts` further elements.
 */
export type AwsOperation = (context: AwsContext, input: never) => Promise<object>;

/** What one call needs permission for: checked before the operation runs. */
export type Access = { action: string; resource: string };

export type OperationEntry = {
  run: AwsOperation;
  /** The permissions that this input needs, all of them. ARNs. */
  access: (context: AwsContext, input: never) => readonly Access[];
};

/** `not built`: answers NotImplemented by name. */
export type OperationTable<Name extends string> = Readonly<Record<Name, OperationEntry | 'not built'>>;
