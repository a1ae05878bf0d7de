/**
 * A real identity provider on a socket: it issues JSON Web Tokens or opaque ones by client
 * credentials, answers introspection, binds tokens to keys, and can be stopped and started on its
 * port with other keys.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

export interface IdentityProvider {
  readonly issuer: string;
  /** Starts it, or starts it again, with a signing key of this name. */
  start(kid: string): Promise<void>;
  stop(): Promise<void>;
  /** An access token; `format` is the resource it is for. */
  token(
    format: 'jwt' | 'opaque',
    options?: { scope?: string; headers?: Record<string, string> },
  ): Promise<string>;
}

const clients = [
  { client_id: 'batch', client_secret: 'batch-secret-0123456789', scope: 'ssn other' },
  { client_id: 'gateway', client_secret: 'gateway-secret-0123456789' },
].map((client) => ({
  ...client,
  grant_types: client.client_id === 'batch' ? ['client_credentials'] : [],
  redirect_uris: [],
  response_types: [],
}));

/** The credentials that the gateway introspects with. */
export const introspector = { clientId: 'gateway', clientSecret: 'gateway-secret-0123456789' };

export async function createIdentityProvider(): Promise<IdentityProvider> {
  // Taken once for the port, which the issuer's name holds.
  const holder = createServer();
  holder.listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  holder.close();
  const issuer = `http://127.0.0.1:${port}`;
  let server: Server | undefined;

  const stop = async (): Promise<void> => {
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    server = undefined;
    await closed;
  };
  return {
    issuer,
    stop,
    async start(kid) {
      await stop();
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      const jwk = { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' };
      server = createServer(new Provider(issuer, toConfiguration(jwk)).callback());
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async token(format, { scope = 'ssn', headers = {} } = {}) {
      const basic = Buffer.from('batch:batch-secret-0123456789').toString('base64');
      const response = await fetch(`${issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}`, ...headers },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          resource: `urn:test:${format}`,
          scope,
        }),
      });
      const body = (await response.json()) as { access_token?: string; error?: string };
      if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
      return body.access_token;
    },
  };
}

function toConfiguration(signingKey: object): object {
  return {
    clients,
    jwks: { keys: [signingKey] },
    scopes: ['ssn', 'other'],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: 'ssn other',
          audience: 'graph',
          accessTokenTTL: 300,
          accessTokenFormat: resource.endsWith('jwt') ? 'jwt' : 'opaque',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}
