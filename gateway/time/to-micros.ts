/** Milliseconds without digits below the microsecond, which clocks have and records do not need. */
export const toMicros = (ms: number): number => Math.round(ms * 1_000) / 1_000;
