/**
 * How long an answer is in UTF-8, and its bytes where Node would be slow to make them: long texts
 * with characters beyond ASCII, such as the dots of masks. Node goes through such a text character
 * by character, once to count and once to write; its transcoder needs a quarter of that time.
 */
import { transcode } from 'node:buffer';

export interface Encoded {
  /** The text's length in UTF-8. */
  readonly bodyBytes: number;
  /** Undefined if writing the string is as fast. */
  readonly utf8: Buffer | undefined;
}

/** Shorter texts gain nothing. */
const shortMax = 2_048;

export function encode(text: string): Encoded {
  // Counting would cost more than this search, which passes over strings of one-byte characters.
  if (text.length > shortMax && text.includes('•')) return toEncoded(text);
  const bodyBytes = Buffer.byteLength(text);
  if (bodyBytes === text.length || text.length <= shortMax) return { bodyBytes, utf8: undefined };
  return toEncoded(text);
}

function toEncoded(text: string): Encoded {
  const utf8 = toUtf8(text);
  return { bodyBytes: utf8.length, utf8 };
}

function toUtf8(text: string): Buffer {
  try {
    return transcode(Buffer.from(text, 'utf16le'), 'utf16le', 'utf8');
  } catch {
    // Half a surrogate pair: the transcoder throws where Node's other way replaces it.
    return Buffer.from(text);
  }
}
