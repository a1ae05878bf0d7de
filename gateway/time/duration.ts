/**
 * Durations as configuration files write them: a whole number and a unit, `500ms`, `5s`, `1m`,
 * `2h`, `30d`.
 */

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export const durationPattern = /^(0|[1-9]\d{0,8})(ms|s|m|h|d)$/;

/** Milliseconds; undefined if the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text);
  const unit = unitMs[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

const units = Object.entries(unitMs).reverse();

/** Writes a duration in the largest unit that divides it. */
export function toDurationText(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, length] = units.find(([, one]) => ms % one === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}
