/**
 * Whether a request's body is small enough, by its declared length, to read and discard it: cutting
 * the connection instead would cost the client a new one.
 */
import { rawHeader } from '../admit/raw-header.ts';

const bytesMax = 65_536;

/** True without a body or with a small declared length; false if the length is unknown. */
export function hasSmallBody({ rawHeaders }: { readonly rawHeaders: readonly string[] }): boolean {
  if (rawHeader(rawHeaders, 'transfer-encoding') !== undefined) return false;
  const declared = rawHeader(rawHeaders, 'content-length');
  return declared === undefined || Number(declared) <= bytesMax;
}
