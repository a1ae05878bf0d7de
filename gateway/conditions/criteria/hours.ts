/**
 * `hours: { days: [mon, fri], from: "08:00", to: "18:00", zone: Europe/Berlin }`: local wall-clock
 * time, `from` inclusive, `to` exclusive. 22:00 to 06:00 runs into the next day, and `days` are the
 * days on which it begins. When clocks change, local time decides: a skipped hour never comes, a
 * repeated one counts twice.
 */
import type { z } from 'zod';
import type { Path, ProblemCode } from '../../files/config-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import { complain } from '../../files/yaml-complaint.ts';

export interface Hours {
  /** 0 is Sunday. */
  readonly days: readonly number[];
  readonly fromMinute: number;
  /** Up to 1440; at most `fromMinute` if the end is on the next day. */
  readonly toMinute: number;
  /** A name of the IANA time zone database. */
  readonly zone: string;
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const keys = ['days', 'from', 'to', 'zone'];

/** Whether a moment, in milliseconds since the epoch, is within the hours. Throws if not finite. */
export function withinHours(hours: Hours, nowMs: number): boolean {
  const { day, minute } = wallClock(hours.zone, nowMs);
  const { days, fromMinute, toMinute } = hours;
  if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
  if (minute >= fromMinute) return days.includes(day);
  return minute < toMinute && days.includes((day + 6) % 7);
}

function wallClock(zone: string, nowMs: number): { day: number; minute: number } {
  let [day, minute] = [-1, 0];
  for (const { type, value } of formatOf(zone).formatToParts(nowMs)) {
    if (type === 'weekday') day = dayNames.indexOf(value.toLowerCase());
    else if (type === 'hour') minute += 60 * Number(value);
    else if (type === 'minute') minute += Number(value);
  }
  return { day, minute };
}

/** Bounded by the number of zones: `parseHours` accepts no other names. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(zone, made);
  return made;
}

type Context = { issues: z.core.$ZodRawIssue[] };

/** The hours written at `path`; undefined if refused, with the issue in `context`. */
export function parseHours(value: unknown, context: Context, path: Path = []): Hours | undefined {
  const refuse = (code: ProblemCode, message: string, ...at: Path): undefined =>
    complain(context, { code, message, path: [...path, ...at] }) as undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('wrong-type', 'must be a map of days, from, to and zone');
  }
  const written = value as Record<string, unknown>;
  const unknown = Object.keys(written).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    const message = `unknown key "${unknown}"${didYouMean(unknown, keys)}`;
    return refuse('unknown-key', message, unknown);
  }
  const missing = keys.find((key) => written[key] === undefined);
  if (missing !== undefined) return refuse('missing-key', `"${missing}" is required`);

  const days = toDays(written.days);
  if (typeof days === 'string') return refuse('wrong-value', days, 'days');
  const fromMinute = toMinute(written.from, 1_439);
  if (fromMinute === undefined) return refuse('wrong-format', timeWanted, 'from');
  const to = toMinute(written.to, 1_440);
  if (to === undefined) return refuse('wrong-format', timeWanted, 'to');
  if (to === fromMinute) {
    return refuse('wrong-value', 'is the same as `from`: a whole day is "00:00" to "24:00"', 'to');
  }
  const zone = toZone(written.zone);
  if (zone === undefined) {
    return refuse('unknown-name', 'must be a time zone by name, like Europe/Berlin', 'zone');
  }
  return { days, fromMinute, toMinute: to, zone };
}

const timeWanted = 'must be a quoted time of 24 hours, like "08:00"';

function toDays(value: unknown): readonly number[] | string {
  const wanted = 'must be a list of mon, tue, wed, thu, fri, sat, sun, each at most once';
  if (!Array.isArray(value) || value.length === 0) return wanted;
  const days = value.map((day) => (typeof day === 'string' ? dayNames.indexOf(day) : -1));
  return days.includes(-1) || new Set(days).size < days.length ? wanted : days;
}

function toMinute(value: unknown, max: number): number | undefined {
  const match = typeof value === 'string' ? /^(\d\d):([0-5]\d)$/.exec(value) : null;
  const minute = match === null ? Number.NaN : 60 * Number(match[1]) + Number(match[2]);
  return minute <= max ? minute : undefined;
}

/**
 * The zone's canonical name. An offset like +02:00 is refused: it would be wrong for half a year.
 */
function toZone(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z][\w+/-]{0,63}$/.test(value)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
