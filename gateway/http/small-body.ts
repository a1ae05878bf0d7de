/**
 * Whether the body of a request is short enough to be thrown away to its end, by what its head
 * declares: a connection that is cut instead costs its caller a new one.
 */
import { rawHeader } from '../admit/raw-header.ts';

const bytesMax = 65_536;

/** No body, or one of a small declared length; false where the length is not known. */
export function hasSmallBody({ rawHeaders }: { readonly rawHeaders: readonly string[] }): boolean {
  if (rawHeader(rawHeaders, 'transfer-encoding') !== undefined) return false;
  const declared = rawHeader(rawHeaders, 'content-length');
  return declared === undefined || Number(declared) <= bytesMax;
}
