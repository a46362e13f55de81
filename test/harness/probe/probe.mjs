/** A function that does what its event says: it runs an attack's code where any handler's code runs. */
const AsyncFunction = (async () => {}).constructor;

export const handler = (event, context) =>
  new AsyncFunction('event', 'context', 'load', event.code)(event, context, (name) => import(name));
