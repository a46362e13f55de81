/** Why there can be no image of a process, and what is the same in every process that goes on from one. */

/** `message` ends the sentence "it …". */
export class NoImage extends Error {}

/** Paths that every environment of a version has, read-only: the base system, the runtime, the bundle and its layers. */
export const sameEverywhere = /^\/(usr|lib|lib32|lib64|libx32|bin|etc|opt|var\/task|var\/lang|var\/runtime)\//;
