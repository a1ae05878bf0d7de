/**
 * One line of the log: an event with its place in the chain as the last member of
 * `unmapped.gateway`. A line's hash is SHA-256 over its exact bytes without the newline, and the
 * next line holds it, so that no line can be changed, taken out or moved unnoticed. Pure.
 */
import { hash } from 'node:crypto';

export interface ChainLink {
  /** Of the chain: one per directory. */
  readonly id: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /** base64url SHA-256 of the line before; empty for the first. */
  readonly prev: string;
}

/** What an event's JSON must end with: `gateway`, `unmapped` and the event itself close. */
const ending = '}}}';

/** Throws TypeError for what is not one line of JSON that ends in `unmapped.gateway`. */
export function checkEvent(json: string): void {
  if (!json.startsWith('{') || !json.endsWith(ending) || json.includes('\n')) {
    throw new TypeError('an audit event is one line of JSON that ends with unmapped.gateway');
  }
}

/** The event with its link, without a newline. */
export function toLine(json: string, { id, seq, prev }: ChainLink): string {
  const body = json.slice(0, -ending.length);
  const comma = body.endsWith('{') ? '' : ',';
  return `${body}${comma}"chain":{"id":"${id}","seq":${seq},"prev":"${prev}"}${ending}`;
}

export const lineHash = (line: string | Uint8Array): string => hash('sha256', line, 'base64url');

const linkForm =
  /"chain":\{"id":"([\w-]{1,64})","seq":([1-9]\d{0,15}),"prev":"([\w-]{43}|)"\}\}\}\}$/;
const linkBytesMax = 200;

/** The link at the end of a line; undefined where there is none. Text inside the event cannot stand in for it. */
export function readLink(line: Buffer): ChainLink | undefined {
  const tail = line.toString('latin1', Math.max(0, line.length - linkBytesMax));
  const match = linkForm.exec(tail);
  if (match === null) return undefined;
  const [, id = '', seq = '', prev = ''] = match;
  return { id, seq: Number(seq), prev };
}
