/** Loaded before there is a function: see rehearse.mjs. */
export const handler = async () => {};
