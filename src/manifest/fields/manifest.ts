/** The whole of mayfly.yaml. */
import { functionNamePattern } from '../../registry/settings.ts';
import { defaulted, mapOf, object, optional, required } from '../shape/compound.ts';
import { described } from '../shape/shape.ts';
import { functionWithHandler } from './function.ts';
import { applicationName, functionNameAccepts } from './names.ts';
import { resources } from './resources.ts';

/** Registry and gateway are made for thousands in all; one application with more is several. */
const functionsMax = 1_000;

const eachFunction = 'settings belong to each function; anchors (&base, <<: *base) share them';

export const manifestShape = object(
  {
    application: optional(
      applicationName,
      "What belongs together; by default the folder's name. What leaves the file leaves the platform with the next deployment.",
    ),
    functions: required(
      mapOf(described(functionWithHandler, { description: 'A function.' }), {
        key: functionNamePattern,
        keyAccepts: functionNameAccepts,
        accepts: 'a map of names and functions',
        entriesMax: functionsMax,
      }),
      'Functions by name.',
      'functions: { hello: { runtime: python, handler: hello.lambda_handler } }',
    ),
    resources: defaulted(
      resources,
      { buckets: [], queues: new Map(), topics: [], buses: [], tables: new Map() },
      {},
      'Buckets, queues, topics, event buses and tables.',
    ),
  },
  {
    accepts: 'a map of application, functions and resources',
    /** `x-base: &base …`: a place for anchors. */
    ignore: /^x-/,
    hints: {
      service: 'it is called application: NAME',
      name: 'it is called application: NAME',
      app: 'it is called application: NAME',
      stack: 'it is called application: NAME',
      function: 'it is called functions, a map of names and functions',
      handler: 'it belongs to a function: functions: { NAME: { handler: … } }',
      runtime: 'it belongs to a function: functions: { NAME: { runtime: … } }',
      events: 'it belongs to a function: functions: { NAME: { events: [ … ] } }',
      provider: eachFunction,
      globals: eachFunction,
      defaults: eachFunction,
      environment: eachFunction,
      memory: eachFunction,
      timeout: eachFunction,
      package: 'it belongs to each function, and is called code: [patterns]',
      custom: 'variables are not replaced in this file; write the values themselves',
      params: 'variables are not replaced in this file; write the values themselves',
      parameters: 'variables are not replaced in this file; write the values themselves',
      plugins: 'there are none here. Remove it',
      frameworkversion: 'there is none here. Remove it',
      version: 'there is none here. Remove it',
      org: 'there is none here. Remove it',
      buckets: 'it belongs under resources: { buckets: [ … ] }',
      queues: 'it belongs under resources: { queues: [ … ] }',
      topics: 'it belongs under resources: { topics: [ … ] }',
      buses: 'it belongs under resources: { buses: [ … ] }',
      tables: 'it belongs under resources: { tables: { NAME: KEY } }',
      awstemplateformatversion:
        'CloudFormation and SAM templates are not read here; write functions: { NAME: { runtime, handler, events } }',
      transform: 'CloudFormation and SAM templates are not read here',
      outputs: 'CloudFormation and SAM templates are not read here',
      port: 'there are no servers to describe. Remove it',
      host: 'there are no servers to describe. Remove it',
      replicas: 'there are no servers to describe. Remove it',
    },
  },
);
