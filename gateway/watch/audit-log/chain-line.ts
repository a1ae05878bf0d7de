/**
 * One line of the log: an event with its place in the chain as the last member of
 * `unmapped.gateway`. A line's hash is SHA-256 over its exact bytes without the newline. The next
 * line contains it, so that no line can be changed, removed or moved unnoticed. Pure.
 */
import { hash } from 'node:crypto';

export interface ChainLink {
  /** Id of the chain, one per directory. */
  readonly id: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /** base64url SHA-256 of the line before; empty for the first. */
  readonly prev: string;
}

/** The end of an event's JSON, which closes `gateway`, `unmapped` and the event itself. */
const ending = '}}}';

/** Throws TypeError unless it is one line of JSON that ends with `unmapped.gateway`. */
export function checkEvent(json: string): void {
  if (!json.startsWith('{') || !json.endsWith(ending) || json.includes('\n')) {
    throw new TypeError('an audit event is one line of JSON that ends with unmapped.gateway');
  }
}

/** The event with its link, without a newline. */
export const toLine = (json: string, link: ChainLink): string =>
  `${json.slice(0, -ending.length)}${toEnd(json, link)}`;

/** Writes the line's UTF-8 into a buffer with room for it; returns where it ends. */
export function writeLine(buffer: Buffer, start: number, json: string, link: ChainLink): number {
  // Writes the whole event and then overwrites its end, since slicing it would copy all of it.
  const end = start + buffer.write(json, start) - ending.length;
  return end + buffer.write(toEnd(json, link), end, 'latin1');
}

function toEnd(json: string, { id, seq, prev }: ChainLink): string {
  const comma = json.endsWith(`{${ending}`) ? '' : ',';
  return `${comma}"chain":{"id":"${id}","seq":${seq},"prev":"${prev}"}${ending}`;
}

export const lineHash = (line: string | Uint8Array): string => hash('sha256', line, 'base64url');

const linkForm =
  /"chain":\{"id":"([\w-]{1,64})","seq":([1-9]\d{0,15}),"prev":"([\w-]{43}|)"\}\}\}\}$/;
const linkBytesMax = 200;

/** The link at the end of a line, else undefined; text within the event cannot pass for it. */
export function readLink(line: Buffer): ChainLink | undefined {
  const tail = line.toString('latin1', Math.max(0, line.length - linkBytesMax));
  const match = linkForm.exec(tail);
  if (match === null) return undefined;
  const [, id = '', seq = '', prev = ''] = match;
  return { id, seq: Number(seq), prev };
}
