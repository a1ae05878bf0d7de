/** Instants in files: RFC 3339 with a zone, or a date, which means midnight UTC. */
import { z } from 'zod';
import { complain } from '../files/yaml-complaint.ts';

const form =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/** Milliseconds since the epoch, with fractions; undefined for invalid dates such as 30 February. */
function parseInstant(text: string): number | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, day = '', time = '00:00:00', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${day}T${time}${zone}`) + Number(`0${fraction}`) * 1000;
  const written = Date.parse(`${day}T${time}Z`);
  // Date.parse rolls days that do not exist over into the next month.
  const isReal =
    Number.isFinite(written) && new Date(written).toISOString().startsWith(`${day}T${time}`);
  return isReal && Number.isFinite(ms) ? ms : undefined;
}

/** Schema of an instant; yields milliseconds since the epoch. */
export const instant = z
  .string()
  .superRefine((text, context) => {
    if (parseInstant(text) !== undefined) return;
    const message = 'must be a moment such as 2026-12-31T23:59:59Z, or a day';
    complain(context, { code: 'wrong-format', message });
  })
  .describe('a moment such as 2026-12-31T23:59:59Z, or a day')
  .transform((text) => parseInstant(text) ?? 0);
