/** Shared by all that reads what one process writes. `isStopped`: nothing more is to be read just now, not even what there is already. */
export type Reading = { isStopped: boolean };
