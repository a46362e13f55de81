/** What reading and writing counts for. Pure. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */

const readUnitBytes = 4_096;
const writeUnitBytes = 1_024;

export type ReadKind = 'eventual' | 'strong' | 'transactional';

const unitsOfRead: Readonly<Record<ReadKind, number>> = { eventual: 0.5, strong: 1, transactional: 2 };

/** Of one item, or of what a page has looked at together. What is not there counts as the least. */
export const readUnits = (bytes: number, kind: ReadKind): number =>
  Math.max(1, Math.ceil(bytes / readUnitBytes)) * unitsOfRead[kind];

/** Of one item; in a transaction twice as many. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / writeUnitBytes));
