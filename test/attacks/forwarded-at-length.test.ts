/**
 * A header of blanks: who a client is, is found out before anything may be refused, so what it takes
 * must not grow faster than the header. Sixteen kilobytes of blanks once held the process for more
 * than half a second, of anybody, from any address. These are longer, and would hold it for minutes.
 */
import { describe, expect, it } from 'vitest';
import { locateClient, toTrustedProxies } from '../../gateway/identify/trusted-proxies.ts';

const blanks = ' '.repeat(300_000);
const locate = (header: 'x-forwarded-for' | 'forwarded', value: string) =>
  locateClient(
    { peer: '127.0.0.1', rawHeaders: [header, value] },
    { proxies: toTrustedProxies(['127.0.0.1']), header },
  );

describe('blanks without an end', () => {
  it.each([
    { header: 'x-forwarded-for', value: `192.0.2.1${blanks}x` },
    { header: 'x-forwarded-for', value: `192.0.2.1\t${blanks}\tx` },
    { header: 'x-forwarded-for', value: `192.0.2.1,${blanks}x${blanks}x` },
    { header: 'forwarded', value: `for=192.0.2.1${blanks}x` },
    { header: 'forwarded', value: `for="192.0.2.1${blanks}` },
    { header: 'forwarded', value: `for=192.0.2.1;by=${blanks}x${blanks}x` },
  ] as const)('$header is malformed at once', ({ header, value }) => {
    expect(locate(header, value)).toEqual({ kind: 'malformed' });
  });

  it.each([
    { header: 'x-forwarded-for', value: `${blanks}192.0.2.1${blanks}` },
    { header: 'forwarded', value: `${blanks}for=192.0.2.1${blanks};${blanks}by=x${blanks}` },
  ] as const)('$header with blanks around is read', ({ header, value }) => {
    expect(locate(header, value)).toMatchObject({
      kind: 'address',
      address: { text: '192.0.2.1' },
    });
  });
});
