import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../util/errors.ts';
import { parseFunctionSettings, settingsHash } from './settings.ts';
import type { LimitProfileName } from '../util/limit-profiles.ts';
import { exampleSettings } from './example-settings.ts';

const refused = (change: object, field: string, message: RegExp, code = 'invalid_argument'): void => {
  assert.throws(
    () => parseFunctionSettings({ ...exampleSettings(), ...change }, 'functions.hello'),
    (error) =>
      error instanceof PlatformError &&
      error.code === code &&
      error.field === `functions.hello.${field}` &&
      message.test(error.message),
  );
};

test('settings within every limit are taken as they are', () => {
  assert.deepEqual(parseFunctionSettings(exampleSettings(), ''), exampleSettings());
});

test('what is not a setting is left out', () => {
  assert.deepEqual(parseFunctionSettings({ ...exampleSettings(), colour: 'red' }, ''), exampleSettings());
});

test('a complaint names the field, the value and what is accepted', () => {
  refused({ memoryMb: 64 }, 'memoryMb', /is 64; accepted: a whole number from 128 to 10240/);
  refused({ memoryMb: 128.5 }, 'memoryMb', /128\.5/);
  refused({ timeoutMs: 900_001 }, 'timeoutMs', /from 1 to 900000/);
  refused({ attemptsMax: 101 }, 'attemptsMax', /from 1 to 100/);
  refused({ limits: 'nobody' }, 'limits', /lambda, google/);
  refused({ limits: 'google', timeoutMs: 540_001 }, 'timeoutMs', /from 1 to 540000/);
  refused({ limits: 'cloudflare', memoryMb: 129 }, 'memoryMb', /from 128 to 128/);
  refused({ timeoutMs: undefined }, 'timeoutMs', /is missing/);
  refused({ runtime: 'ruby2.7' }, 'runtime', /ruby2\.7.*nodejs20\.x, .*provided/);
  refused({ runtime: 'dotnet8' }, 'runtime', /dotnet8.*self-contained.*provided\.al2023/);
  refused({ runtime: 'go1.x' }, 'runtime', /go1\.x.*bootstrap.*provided\.al2023/);
  refused({ handler: '' }, 'handler', /file\.function/);
  refused({ bundle: 'ABC' }, 'bundle', /SHA-256/);
  refused({ network: 'host' }, 'network', /internet, none/);
  refused({ concurrencyMax: -1 }, 'concurrencyMax', /from 0 to 1000/);
  refused({ concurrencyPerEnvironment: 0 }, 'concurrencyPerEnvironment', /from 1 to 1000/);
  refused(
    { runtime: 'python', concurrencyPerEnvironment: 2 },
    'concurrencyPerEnvironment',
    /1 for python; more for nodejs/,
  );
  refused({ ephemeralMb: 1 }, 'ephemeralMb', /from 512/);
  refused({ environment: { 'A-B': 'x' } }, 'environment.A-B', /letters, digits and _/);
  refused(
    { environment: { AWS_REGION: 'x' } },
    'environment.AWS_REGION',
    /set by the platform; accepted: another name/,
  );
  refused({ environment: { A: 1 } }, 'environment.A', /accepted: a string/);
  refused({ environment: { A: 'x'.repeat(4096) } }, 'environment', /4097 bytes.*4096/, 'too_large');
  refused(
    { permissions: [{ effect: 'maybe', actions: ['a'], resources: ['b'] }] },
    'permissions[0].effect',
    /allow, deny/,
  );
  refused({ permissions: [{ effect: 'allow', actions: [], resources: ['b'] }] }, 'permissions[0].actions', /1 to/);
});

test('settings at their limits are accepted, and those of another provider where they name it', () => {
  const accepted = (change: object, platform?: LimitProfileName) =>
    parseFunctionSettings({ ...exampleSettings(), ...change }, '', platform);
  assert.equal(accepted({ attemptsMax: 100, memoryMb: 10_240, timeoutMs: 900_000 }).limits, undefined);
  assert.equal(accepted({ limits: 'azure-premium', timeoutMs: 3_600_000 }).limits, 'azure-premium');
  assert.equal(accepted({ timeoutMs: 3_600_000 }, 'azure-premium').limits, undefined);
  assert.equal(accepted({ limits: 'lambda', timeoutMs: 900_000 }, 'google').limits, 'lambda');
  assert.throws(() => accepted({ timeoutMs: 540_001 }, 'google'), /from 1 to 540000/);
});

test('provided needs no handler', () => {
  assert.equal(parseFunctionSettings({ ...exampleSettings(), runtime: 'provided', handler: '' }, '').handler, '');
});

test('the hash does not depend on the order of keys, and does on every value', () => {
  const one = { ...exampleSettings(), environment: { A: '1', B: '2' } };
  const other = {
    ...Object.fromEntries(Object.entries(one).toReversed()),
    environment: { B: '2', A: '1' },
  } as typeof one;
  assert.equal(settingsHash(one), settingsHash(other));
  assert.match(settingsHash(one), /^[0-9a-f]{64}$/);
  assert.notEqual(settingsHash(one), settingsHash({ ...one, environment: { A: '1', B: '3' } }));
  assert.notEqual(settingsHash(one), settingsHash({ ...one, concurrencyMax: 1 }));
});
