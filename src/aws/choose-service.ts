/** Which service a request means, and which of its protocols: everything comes in on one port. */
import type { HttpRequest } from '../util/http.ts';
import type { Family } from './protocol/failure.ts';
import { json } from './protocol/json.ts';
import type { Protocol } from './protocol/protocol.ts';
import { query } from './protocol/query.ts';
import { parseQueryParameters, type QueryParameters } from './protocol/query-parameters.ts';
import { restJson } from './protocol/rest-json.ts';
import { restXml } from './protocol/rest-xml.ts';
import { rpcV2Cbor } from './protocol/rpc-v2-cbor.ts';
import { s3 } from './protocol/s3.ts';
import { linkModel, type Model, type ModelTable } from './protocol/shape.ts';
import type { AwsService, OperationTable, ProtocolName } from './service.ts';

/** A service in one of its protocols. */
export type Spoken = {
  name: string;
  signingNames: readonly string[];
  protocol: Protocol;
  family: Family;
  model: Model;
  operations: OperationTable<string>;
  ownerOf: AwsService['ownerOf'];
  documentLimit: AwsService['documentLimit'];
  readForm: AwsService['readForm'];
  /** False: nobody serves it; it stands for the format of the refusal. */
  isBuilt: boolean;
};

type Built = { service: AwsService; model: Model; spoken: ReadonlyMap<ProtocolName, Spoken> };

/** `bytes`: the body, read only where nothing else tells. */
export type Chooser = (request: HttpRequest, bytes: () => Promise<Uint8Array>) => Promise<Spoken>;

export function createChooser(services: readonly AwsService[]): Chooser {
  const built: readonly Built[] = services.map((service) => {
    const model = linkModel(service.model);
    return { service, model, spoken: new Map(service.protocols.map((name) => [name, speak(service, model, name)])) };
  });
  const bySigningName = Map.groupBy(
    built.flatMap((one) => one.service.signingNames.map((name) => ({ name, one }))),
    ({ name }) => name,
  );
  const fallback = built.find((one) => one.service.name === 's3');

  return async (request, bytes) => {
    const told = protocolsOf(request);
    const signingName = signedService(request);
    const found =
      signingName === undefined
        ? await unsigned(request, told.includes('query'), bytes)
        : ofSigningName(
            (bySigningName.get(signingName) ?? []).map(({ one }) => one),
            told,
            targetOf(request),
          );
    if (found === undefined) return unbuilt(signingName ?? 'unknown', told[0] ?? unbuiltProtocol(signingName));
    const [first] = found.spoken.values();
    const spoken = told.map((name) => found.spoken.get(name)).find((one) => one !== undefined) ?? first;
    if (spoken === undefined) throw new Error(`invariant broken: the service ${found.service.name} has no protocol`);
    return spoken;
  };

  /** Only `dev` serves what is not signed; the others need the service for the format in which to refuse. */
  async function unsigned(
    request: HttpRequest,
    isQuery: boolean,
    bytes: () => Promise<Uint8Array>,
  ): Promise<Built | undefined> {
    const target = targetOf(request);
    if (target !== undefined) return built.find((one) => one.model.targetPrefix === target);
    const [hostLabel] = (request.headers['host'] ?? '').split(/[.:]/);
    const named = built.find((one) => one.service.name === hostLabel);
    if (named !== undefined) return named;
    const versioned = built.find((one) => hasApiVersion(one, request.path));
    if (versioned !== undefined) return versioned;
    return (isQuery ? await speakerOf(request, bytes) : undefined) ?? fallback;
  }

  /** The service that has the operation which a form names. */
  async function speakerOf(request: HttpRequest, bytes: () => Promise<Uint8Array>): Promise<Built | undefined> {
    let form: QueryParameters;
    try {
      form = parseQueryParameters(
        request.method === 'GET' ? request.query : Buffer.from(await bytes()).toString('latin1'),
      );
    } catch {
      // Whatever is wrong with the body is wrong again, and answered, when the service chosen instead reads it.
      return undefined;
    }
    const [action, version] = [form.get('Action'), form.get('Version')];
    const speakers = built.filter(
      (one) => one.spoken.has('query') && action !== undefined && one.model.operations.has(action),
    );
    return speakers.find((one) => one.model.version === version) ?? speakers[0];
  }
}

/** What a request names as the API that it means: `DynamoDB_20120810`. */
const targetOf = (request: HttpRequest): string | undefined =>
  request.headers['x-amz-target']?.split('.')[0] ?? /^\/service\/([^/]+)\/operation\//.exec(request.path)?.[1];

/**
 * Two APIs of one name are told apart by what they are called (DynamoDB and its streams), or by what they speak (SES): who
 * says nothing of his protocol speaks REST.
 */
function ofSigningName(
  candidates: readonly Built[],
  told: readonly ProtocolName[],
  target: string | undefined,
): Built | undefined {
  if (candidates.length < 2) return candidates[0];
  const meant = target === undefined ? undefined : candidates.find(({ model }) => model.targetPrefix === target);
  if (meant !== undefined) return meant;
  const speaks = (name: ProtocolName) => candidates.find(({ spoken }) => spoken.has(name));
  return told.map(speaks).find((one) => one !== undefined) ?? speaks('rest-json') ?? candidates[0];
}

/** Paths of REST-JSON services begin with the date of an API: `/2015-03-31/functions`. A bucket of such a name is asked for with a signature. */
function hasApiVersion({ model, spoken }: Built, path: string): boolean {
  const [, version] = /^(\/\d{4}-\d\d-\d\d\/)[a-z]/.exec(path) ?? [];
  if (version === undefined || !spoken.has('rest-json')) return false;
  return [...model.operations.values()].some(({ http }) => http?.uri.startsWith(version));
}

/** What the request itself says of its protocol, likeliest first; empty: nothing. */
function protocolsOf(request: HttpRequest): readonly ProtocolName[] {
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') return ['rpc-v2-cbor'];
  const contentType = request.headers['content-type'] ?? '';
  if (request.headers['x-amz-target'] !== undefined)
    return contentType.includes('json-1.1') ? ['json-1.1', 'json-1.0'] : ['json-1.0', 'json-1.1'];
  const isForm = request.method === 'POST' && contentType.startsWith('application/x-www-form-urlencoded');
  return isForm || (request.method === 'GET' && /(^|&)Action=/.test(request.query)) ? ['query'] : [];
}

/** The service in the credential's scope. */
function signedService(request: HttpRequest): string | undefined {
  const inHeader = /Credential=[^,\s]+\/([^/,\s]+)\/aws4_request/.exec(request.headers['authorization'] ?? '');
  const inQuery =
    inHeader ?? /(?:^|&)X-Amz-Credential=[^&]+(?:%2F|\/)([^&%/]+)(?:%2F|\/)aws4_request/i.exec(request.query);
  return inQuery?.[1];
}

function familyOf(name: ProtocolName): Family {
  switch (name) {
    case 's3':
      return 's3';
    case 'json-1.0':
    case 'json-1.1':
    case 'rest-json':
    case 'rpc-v2-cbor':
      return 'json';
    case 'query':
    case 'rest-xml':
      return 'query';
  }
}

function speak(service: AwsService, model: Model, name: ProtocolName): Spoken {
  const { signingNames, operations } = service;
  return {
    name: service.name,
    signingNames,
    operations,
    model,
    protocol: protocolFor(model, name),
    family: familyOf(name),
    ownerOf: service.ownerOf,
    documentLimit: service.documentLimit,
    readForm: service.readForm,
    isBuilt: true,
  };
}

function protocolFor(model: Model, name: ProtocolName): Protocol {
  switch (name) {
    case 's3':
      return s3(model);
    case 'json-1.0':
      return json(model, '1.0');
    case 'json-1.1':
      return json(model, '1.1');
    case 'query':
      return query(model);
    case 'rest-xml':
      return restXml(model);
    case 'rest-json':
      return restJson(model);
    case 'rpc-v2-cbor':
      return rpcV2Cbor(model);
  }
}

const emptyTable: ModelTable = {
  generatedFrom: '',
  serviceId: '',
  version: '',
  namespace: '',
  targetPrefix: '',
  operations: {},
  shapes: {},
  errors: {},
};

/** What a client of a service that is not built can read. https://smithy.io/2.0/aws/protocols/index.html */
function unbuiltProtocol(signingName: string | undefined): ProtocolName {
  if (signingName === undefined || signingName.startsWith('s3')) return 's3';
  return signingName === 'cloudfront' || signingName === 'route53' ? 'rest-xml' : 'rest-json';
}

function unbuilt(name: string, protocolName: ProtocolName): Spoken {
  const model = linkModel(emptyTable);
  return {
    name,
    signingNames: [name],
    operations: {},
    model,
    protocol: protocolFor(model, protocolName),
    family: familyOf(protocolName),
    ownerOf: undefined,
    documentLimit: undefined,
    readForm: undefined,
    isBuilt: false,
  };
}
