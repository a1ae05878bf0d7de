/** Which certificates end, and when that is said. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Config } from '../../gateway/config.ts';
import { endingCertificates } from '../../gateway/delegate/transport/ending-certificates.ts';
import { createAuthority } from '../support/certificates.ts';
import { tempFolder } from '../support/temp-folder.ts';

const day = 86_400_000;
const authority = await createAuthority();
const young = await authority.issue('young', 'DNS:young', 60);
const nowMs = Date.now();

function ending(about: { tls?: object; upstreams?: object[] }, atMs = nowMs) {
  const config = { listen: { tls: about.tls }, upstreams: about.upstreams ?? [] };
  return endingCertificates(config as unknown as Config, atMs);
}

test('those of the listener and of upstreams, each with its key', () => {
  const { certFile: cert, keyFile: key } = authority;
  const named = {
    tls: { cert, key, clientCa: young.certFile },
    upstreams: [{ name: 'a', ca: cert }, { name: 'b', mtls: { cert, key } }, { name: 'c' }],
  };
  expect(ending(named).map((one) => one.key)).toEqual([
    'listen.tls.cert',
    'upstreams.a.ca',
    'upstreams.b.mtls.cert',
  ]);
});

test('two weeks before the end, and after it', () => {
  const tls = { cert: young.certFile, key: young.keyFile };
  const after = (days: number) => ending({ tls }, nowMs + days * day);
  expect(after(45)).toEqual([]);
  const [soon] = after(47);
  expect(soon).toMatchObject({ file: young.certFile, hasExpired: false });
  expect(Date.parse(soon?.until ?? '') - nowMs).toBeGreaterThan(59 * day);
  expect(after(61)).toMatchObject([{ hasExpired: true, until: soon?.until }]);
});

test('one of several in a file, and none in a file that is not there', async () => {
  const ca = join(await tempFolder(), 'all.pem');
  await writeFile(ca, `${young.cert}${authority.cert}`);
  const upstreams = [
    { name: 'a', ca },
    { name: 'b', ca: `${ca}.absent` },
  ];
  expect(ending({ upstreams })).toMatchObject([{ file: ca, hasExpired: false }]);
});
