/**
 * `process.env._X_AMZN_TRACE_ID`, which changes with each invocation. Set as a real variable, every value would stay in
 * memory for good: the C library keeps each string that an environment has ever held.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
const name = '_X_AMZN_TRACE_ID';

/**
 * Puts itself before `process.env`; answers what sets the variable, to a value or to a function that answers it. Libraries
 * see and copy it like any other.
 */
export function provideTraceVariable() {
  let given;
  const read = () => (typeof given === 'function' ? given() : given);
  const descriptor = () => ({ value: read(), writable: true, enumerable: true, configurable: true });
  const set = (to) => {
    given = to === undefined || typeof to === 'function' ? to : String(to);
    return true;
  };
  process.env = new Proxy(process.env, {
    get: (env, key) => (key === name ? read() : env[key]),
    set: (env, key, given) => (key === name ? set(given) : Reflect.set(env, key, given)),
    has: (env, key) => (key === name ? read() !== undefined : key in env),
    deleteProperty: (env, key) => (key === name ? set(undefined) : Reflect.deleteProperty(env, key)),
    defineProperty: (env, key, given) => (key === name ? set(given.value) : Reflect.defineProperty(env, key, given)),
    ownKeys: (env) => (read() === undefined ? Reflect.ownKeys(env) : [...Reflect.ownKeys(env), name]),
    getOwnPropertyDescriptor(env, key) {
      if (key !== name) return Reflect.getOwnPropertyDescriptor(env, key);
      return read() === undefined ? undefined : descriptor();
    },
  });
  return set;
}
