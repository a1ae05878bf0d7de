/** TLS to upstreams with real servers: an own authority, host names, client certificates. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { readTls, type TlsFiles } from '../../gateway/delegate/transport/read-tls.ts';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { createAuthority } from '../support/certificates.ts';
import { writeFiles } from '../support/config-files.ts';
import { newContext } from '../support/delegation.ts';

const authority = await createAuthority();
const stranger = await createAuthority();
const local = await authority.issue('upstream', 'DNS:localhost,IP:127.0.0.1');
const elsewhere = await authority.issue('elsewhere', 'DNS:elsewhere.example.com');
const client = await authority.issue('gateway', 'DNS:gateway.example.com');
const strangersClient = await stranger.issue('gateway', 'DNS:gateway.example.com');

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** Answers with the name on the client's certificate. */
async function serve(options: ServerOptions): Promise<number> {
  const server = createServer(options, (request, response) => {
    const peer = (request.socket as TLSSocket).getPeerCertificate();
    response.end(JSON.stringify(peer.subject?.CN ?? null));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  });
  return (server.address() as AddressInfo).port;
}

async function call(port: number, files: Partial<TlsFiles>, host = 'localhost'): Promise<string> {
  const tls = readTls({ name: 'up', ca: undefined, mtls: undefined, ...files });
  const transport = createTransport(
    {
      upstream: 'up',
      url: `https://${host}:${port}`,
      timeoutMs: 5_000,
      responseBytesMax: 1_000,
      tls,
    },
    { now: Date.now },
  );
  opened.push(transport);
  const request = { method: 'GET', path: '/', label: 'GET /' };
  return transport.send(request, newContext()).then(
    ({ status, body }) => `${status} ${body}`,
    (error: unknown) => (error instanceof UpstreamFailure ? error.why : String(error)),
  );
}

describe('an upstream’s certificate', () => {
  it.each([
    { name: 'of the configured authority', files: { ca: authority.certFile }, expect: /^200/ },
    { name: 'that nobody well known signed', files: {}, expect: /^connection failed/ },
    {
      name: 'of another authority',
      files: { ca: stranger.certFile },
      expect: /^connection failed/,
    },
  ])('$name', async ({ files, expect: wanted }) => {
    const port = await serve(local);
    expect(await call(port, files)).toMatch(wanted);
    expect(await call(port, files, '127.0.0.1')).toMatch(wanted);
  });

  it('for another host is refused, whoever signed it', async () => {
    const port = await serve(elsewhere);
    expect(await call(port, { ca: authority.certFile })).toMatch(
      /ERR_TLS_CERT_ALTNAME_INVALID|^connection failed/,
    );
  });

  it('is verified whatever the environment says', async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      expect(await call(await serve(local), {})).toMatch(/^connection failed/);
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });

  it('over a version of TLS that is broken', async () => {
    const port = await serve({ ...local, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    expect(await call(port, { ca: authority.certFile })).toMatch(/^connection failed/);
  });
});

/** Of a key that OpenSSL finds too short for TLS. */
async function weakPair(certFile: string, keyFile: string): Promise<void> {
  const made = ['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-days', '2', '-subj', '/CN=weak'];
  await promisify(execFile)('openssl', [...made, '-keyout', keyFile, '-out', certFile]);
}

describe('the gateway’s own certificate', () => {
  const asks = { requestCert: true, rejectUnauthorized: true, ca: authority.cert };

  it('is shown', async () => {
    const port = await serve({ ...local, ...asks });
    const mtls = { cert: client.certFile, key: client.keyFile };
    expect(await call(port, { ca: authority.certFile, mtls })).toBe('200 "gateway"');
  });

  it.each([
    { name: 'none', mtls: undefined },
    {
      name: 'one of another authority',
      mtls: { cert: strangersClient.certFile, key: strangersClient.keyFile },
    },
  ])('$name is not enough', async ({ mtls }) => {
    const port = await serve({ ...local, ...asks });
    expect(await call(port, { ca: authority.certFile, mtls })).toMatch(/^connection failed/);
  });
});

describe('certificates that are renewed', () => {
  it('count for new connections, to the token endpoint too', async () => {
    const port = await serve(local);
    const idp = createServer(await stranger.issue('idp', 'DNS:localhost'), (_, response) =>
      response.end('{"access_token":"a","token_type":"Bearer"}'),
    );
    idp.listen(0, '127.0.0.1');
    await once(idp, 'listening');
    opened.push({
      async close() {
        idp.close();
        idp.closeAllConnections();
        await once(idp, 'close');
      },
    });
    const tokenUrl = `https://localhost:${(idp.address() as AddressInfo).port}/token`;
    let nowMs = Date.now();
    const transport = createTransport(
      {
        upstream: 'up',
        url: `https://localhost:${port}`,
        timeoutMs: 5_000,
        responseBytesMax: 1_000,
        tls: { ca: authority.cert },
        oauth: { tokenUrl, clientId: 'a', clientSecret: 'b' },
      },
      { now: () => nowMs, tick: Date.now },
    );
    opened.push(transport);
    const send = async (): Promise<string> => {
      nowMs += 2_000;
      return transport.send({ method: 'GET', path: '/', label: 'GET /' }, newContext()).then(
        ({ status }) => String(status),
        (error: unknown) => (error instanceof UpstreamFailure ? error.why : String(error)),
      );
    };
    expect(await send()).toMatch(/^no token: connection failed/);
    transport.secure({ ca: [stranger.cert, authority.cert] });
    expect(await send()).toBe('200');
  });
});

describe('files', () => {
  const codeOf = (files: Partial<TlsFiles>): string => {
    try {
      readTls({ name: 'up', ca: undefined, mtls: undefined, ...files });
      return 'none';
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const [problem] = error.problems;
      expect(problem?.message).not.toContain('BEGIN');
      return `${problem?.code} ${problem?.file.split('/').at(-1)}`;
    }
  };

  it('that are wrong refuse to start, each with its name', async () => {
    const directory = await writeFiles({
      'text.pem': 'no certificate\n',
      'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'second.pem': '',
    });
    const at = (name: string): string => join(directory, name);
    await writeFile(
      at('second.pem'),
      `${authority.cert}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    );
    const pair = (cert: string, key: string) => ({ mtls: { cert, key } });
    expect(codeOf({ ca: at('nowhere.pem') })).toBe('file-missing nowhere.pem');
    expect(codeOf({ ca: at('text.pem') })).toBe('wrong-format text.pem');
    expect(codeOf({ ca: at('broken.pem') })).toBe('wrong-format broken.pem');
    expect(codeOf({ ca: at('second.pem') })).toBe('wrong-format second.pem');
    expect(codeOf(pair(at('text.pem'), client.keyFile))).toBe('wrong-format text.pem');
    expect(codeOf(pair(client.certFile, at('text.pem')))).toBe('wrong-format text.pem');
    expect(codeOf(pair(client.certFile, local.keyFile))).toMatch(/^wrong-value issued-1\.key/);
    const second = `${local.cert}${client.cert}`;
    for (const bytes of [1, 30, 200])
      await writeFile(at(`torn-${bytes}.pem`), second.slice(0, -bytes - 1));
    for (const bytes of [30, 200]) {
      const torn = at(`torn-${bytes}.pem`);
      expect(codeOf({ ca: torn })).toBe(`wrong-format torn-${bytes}.pem`);
      expect(codeOf(pair(torn, local.keyFile))).toBe(`wrong-format torn-${bytes}.pem`);
    }
    expect(codeOf({ ca: at('torn-1.pem') })).toBe('wrong-format torn-1.pem');
    await weakPair(at('weak.pem'), at('weak.key'));
    expect(codeOf(pair(at('weak.pem'), at('weak.key')))).toBe('wrong-value weak.pem');
    expect(codeOf({ ca: authority.certFile, ...pair(client.certFile, client.keyFile) })).toBe(
      'none',
    );
  });
});
