import { clipped } from '../../files/printable.ts';

/** Characters of a caller's name in findings. */
const namesMax = 1_000;

/** The name, cut to the length that findings allow. */
export const clipName = (name: string): string => clipped(name, namesMax);
