/**
 * Certificates that fit the thumbprint of a stolen token and are none of ours, over real TLS: past
 * their time, made for servers, signed by a client's own. What a session that is resumed, in either
 * version of TLS, takes along is the certificate that it began with and no other.
 */
import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSigningKey, type SigningKey, signToken } from '../identify/loopback-issuer.ts';
import { type Authority, createAuthority, type Pair } from '../support/certificates.ts';
import type { Served } from '../support/served.ts';
import { serveTls } from '../support/served-tls.ts';
import { tempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);
type Shown = Pick<Pair, 'cert' | 'key'>;

let authority: Authority;
let ours: Pair;
let other: Pair;
let key: SigningKey;
let gateway: Served;

beforeAll(async () => {
  authority = await createAuthority();
  const server = await authority.issue('localhost', 'IP:127.0.0.1');
  ours = await authority.issue('client', 'DNS:client');
  other = await authority.issue('other', 'DNS:other');
  key = await createSigningKey('k1');
  gateway = await serveTls({ authority, server, key });
});
afterAll(() => gateway.close());

/** A certificate by another one, with extensions of its own. */
async function issueBy(
  issuer: Pair,
  about: { extensions?: string; days?: number },
): Promise<Shown> {
  const directory = await tempFolder('cert');
  const at = (name: string): string => join(directory, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const named = ['-subj', '/CN=client', '-keyout', at('key'), '-out', at('csr')];
  await run('openssl', ['req', ...newKey, ...named]);
  await writeFile(at('ext'), about.extensions ?? 'subjectAltName=DNS:client\n');
  const by = ['-CA', issuer.certFile, '-CAkey', issuer.keyFile, '-CAcreateserial'];
  const days = ['-days', String(about.days ?? 2)];
  const sign = ['x509', '-req', '-in', at('csr'), '-extfile', at('ext'), '-out', at('pem')];
  await run('openssl', [...sign, ...by, ...days]);
  return { cert: await readFile(at('pem'), 'utf8'), key: await readFile(at('key'), 'utf8') };
}

function boundTo({ cert }: Shown): Promise<string> {
  const raw = new X509Certificate(cert).raw;
  const thumbprint = createHash('sha256').update(raw).digest('base64url');
  const exp = Math.floor(Date.now() / 1000) + 300;
  return signToken({ key, claims: { exp, cnf: { 'x5t#S256': thumbprint } } });
}

interface Seen {
  readonly status: number;
  readonly session: Buffer | undefined;
  readonly isResumed: boolean;
}

/** One request over a connection of its own. */
function ask(
  token: string,
  about: { shown?: Shown; session?: Buffer | undefined; version?: 'TLSv1.2' | 'TLSv1.3' } = {},
): Promise<Seen> {
  const { shown, session: given, version = 'TLSv1.3' } = about;
  const body = '{"query":"{ staff { name } }"}';
  const { promise, resolve, reject } = Promise.withResolvers<Seen>();
  let out = '';
  let session: Buffer | undefined;
  let isResumed = false;
  const socket = connect({
    port: Number(new URL(gateway.url).port),
    host: '127.0.0.1',
    ca: authority.cert,
    minVersion: version,
    maxVersion: version,
    ...(shown && { cert: shown.cert, key: shown.key }),
    ...(given && { session: given }),
  });
  socket
    .on('secureConnect', () => {
      isResumed = socket.isSessionReused();
    })
    .on('session', (one) => {
      session = one;
    })
    .on('error', reject)
    .on('close', () => {
      const status = Number(out.slice(9, 12));
      resolve({ status, session, isResumed });
    })
    .on('data', (chunk: Buffer) => {
      out += chunk.toString('latin1');
    })
    .write(
      [
        'POST /graphql HTTP/1.1',
        'Host: x',
        'Content-Type: application/json',
        `Authorization: Bearer ${token}`,
        `Content-Length: ${body.length}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  return promise;
}

it('controls: the certificate of a token, and another one', async () => {
  expect((await ask(await boundTo(ours), { shown: ours })).status).toBe(200);
  expect((await ask(await boundTo(ours), { shown: other })).status).toBe(401);
});

it.each([
  { name: 'past its time', make: () => issueBy(authority, { days: -1 }) },
  {
    name: 'made for servers',
    make: () => issueBy(authority, { extensions: 'extendedKeyUsage=serverAuth\n' }),
  },
  {
    name: "signed by a client's own",
    make: async () => {
      const { cert, key: secret } = await issueBy(ours, {});
      return { cert: `${cert}${ours.cert}`, key: secret };
    },
  },
])('a certificate $name is none', async ({ make }) => {
  const shown = await make();
  const token = await boundTo(shown);
  expect((await ask(token, { shown })).status).toBe(401);
});

it.each(['TLSv1.2', 'TLSv1.3'] as const)('a session of %s is its own', async (version) => {
  const token = await boundTo(ours);
  const first = await ask(token, { shown: ours, version });
  expect(first.status).toBe(200);
  const { session } = first;
  const resumed = { isResumed: true };
  expect(await ask(token, { session, version })).toMatchObject({ status: 200, ...resumed });
  // Whoever resumes it shows another one: it is not asked for again.
  const theirs = await boundTo(other);
  expect(await ask(theirs, { session, version, shown: other })).toMatchObject({
    ...{ status: 401, ...resumed },
  });

  const bare = await ask(token, { version });
  expect(bare.status).toBe(401);
  const more = { session: bare.session, version, shown: ours };
  expect(await ask(token, more)).toMatchObject({ status: 401, ...resumed });
});
