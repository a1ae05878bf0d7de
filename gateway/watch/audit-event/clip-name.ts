import { clipped } from '../../files/printable.ts';

/** Names of callers in findings. */
const namesMax = 1_000;

/** As long as a name may be there. */
export const clipName = (name: string): string => clipped(name, namesMax);
