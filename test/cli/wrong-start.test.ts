/**
 * What `serve` needs of the machine and cannot have: a port, a certificate, a key, a folder. One
 * line that names the key of gateway.yaml and the place, exit code 2, and nothing started.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMarks } from '../support/config-files.ts';
import { testKeys } from '../support/tokens.ts';
import { people, peopleWith, runCommand } from './run-command.ts';

/** `added` before the upstreams; what a `▸` marks is where it is said. */
async function serveWith(added: string, more: Readonly<Record<string, string>> = {}) {
  const marked = (people['gateway.yaml'] ?? '').replace('upstreams:', `${added}\nupstreams:`);
  const files = {
    ...peopleWith({ 'gateway.yaml': () => marked }),
    'keys.json': (await testKeys()).text,
    ...more,
  };
  const { code, stderr, directory } = await runCommand(['serve'], files);
  const [place] = readMarks(marked).places;
  const said = stderr.trimEnd().split('\n');
  return { code, said, directory, place: place && `${place.line}:${place.column}` };
}

/** Somebody else's port. */
async function takePort(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

test.each(['listen', 'admin'])('the port of %s is taken', async (key) => {
  await using taken = await takePort();
  const other = key === 'listen' ? 'admin' : 'listen';
  const { code, said, directory, place } = await serveWith(
    `${other}: { port: 0 }\n${key}: { port: ▸${taken.port} }`,
  );
  expect({ code, lines: said.length }).toEqual({ code: 2, lines: 1 });
  expect(said[0]).toContain(`${join(directory, 'gateway.yaml')}:${place}: ${key}: `);
  expect(said[0]).toContain(String(taken.port));
  expect(said[0]).toContain('EADDRINUSE');
});

test('an address that is not this machine', async () => {
  const { code, said, place } = await serveWith(
    'admin: { port: 0 }\nlisten: { host: ▸192.0.2.1, port: 0 }',
  );
  expect({ code, lines: said.length }).toEqual({ code: 2, lines: 1 });
  expect(said[0]).toContain(`gateway.yaml:${place}: listen: `);
});

const ports = 'admin: { port: 0 }\nlisten: { port: 0';
const cases = [
  {
    name: 'a certificate that is not there',
    added: `${ports}, tls: { cert: cert.pem, key: key.pem } }`,
    more: {},
    expect: ['cert.pem:1:1: listen.tls.cert: '],
  },
  {
    name: 'a certificate that is none',
    added: `${ports}, tls: { cert: cert.pem, key: key.pem } }`,
    more: { 'cert.pem': 'hello', 'key.pem': 'hello' },
    expect: ['cert.pem:1:1: listen.tls.cert: '],
  },
  {
    name: 'an audit folder that is a file',
    added: `${ports} }\naudit: { directory: people.yaml }`,
    more: {},
    expect: ['people.yaml:1:1: audit.directory: ', 'EEXIST'],
  },
  {
    name: 'a signing key that is not there',
    added: `${ports} }\naudit: { directory: audit, signingKey: { file: absent.pem } }`,
    more: {},
    expect: ['absent.pem:1:1: audit.signingKey: ', 'ENOENT'],
  },
  {
    name: 'a signing key that is none',
    added: `${ports} }\naudit: { directory: audit, signingKey: { file: key.pem } }`,
    more: { 'key.pem': 'no key' },
    expect: ['key.pem:1:1: audit.signingKey: '],
  },
  {
    name: 'a key set that is none',
    added: `${ports} }`,
    more: { 'keys.json': 'no keys' },
    expect: ['keys.json:1:1: identity.jwt.jwks: '],
  },
];
test('a key set that is not there', async () => {
  const files = peopleWith({
    'gateway.yaml': (text) => text.replace('upstreams:', `${ports} }\nupstreams:`),
  });
  const { code, stderr } = await runCommand(['serve'], files);
  expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
  expect(stderr).toMatch(/keys\.json:1:1: identity\.jwt\.jwks: cannot read the file \(ENOENT\)$/m);
});

test.each(cases)('$name', async ({ added, more, expect: parts }) => {
  const { code, said } = await serveWith(added, more);
  expect({ code, lines: said.length }).toEqual({ code: 2, lines: 1 });
  for (const part of parts) expect(said[0]).toContain(part);
});
