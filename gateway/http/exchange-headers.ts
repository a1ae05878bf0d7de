/** Converts header fields between Node's forms and the gateway's. */
import type { IncomingMessage } from 'node:http';
import type { Answer } from '../shape/answer.ts';

/** Name, value, name, value, as sent, without an intermediate object. */
export function toHeaderList(
  { status, headers }: Answer,
  bytes: number,
  isLast: boolean,
): string[] {
  const list: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) list.push(name, value);
  }
  // A response without content must not have a content-length (RFC 9110, 8.6).
  if (status !== 204) list.push('content-length', String(bytes));
  if (isLast) list.push('connection', 'close');
  return list;
}

/** Joins repeated fields into one text. */
export function toTextHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
