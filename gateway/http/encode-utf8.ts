/**
 * UTF-8 of long texts beyond Latin-1, which V8 keeps as UTF-16 and encodes sign by sign: one mask of
 * dots, or one name in Polish, and an answer of a hundred rows takes four times as long to encode.
 */
import { transcode } from 'node:buffer';

/** In code units. What is shorter is no slower in V8's way, what is longer is rare. */
const [lengthMin, lengthMax] = [2_048, 131_072] as const;

let utf16: Buffer | undefined;

/** The text's bytes; or the text itself, where there is nothing to gain. */
export function encodeUtf8(text: string): Buffer | string {
  if (text.length < lengthMin || text.length > lengthMax) return text;
  utf16 ??= Buffer.allocUnsafeSlow(lengthMax * 2);
  const written = utf16.write(text, 'utf16le');
  try {
    return transcode(utf16.subarray(0, written), 'utf16le', 'utf8');
  } catch {
    // Half of a surrogate pair; Node writes the replacement character for it.
    return text;
  }
}
