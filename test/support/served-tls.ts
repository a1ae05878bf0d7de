/** A gateway over TLS that asks its clients for certificates and takes the tokens of one key. */
import type { SigningKey } from '../identify/loopback-issuer.ts';
import type { Pair } from './certificates.ts';
import { playUpstream, type Served, serveFiles, smallFiles } from './served.ts';

/** Its upstream knows Ada alone, and is closed with it. */
export async function serveTls(about: {
  authority: Pick<Pair, 'certFile'>;
  server: Pick<Pair, 'certFile' | 'keyFile'>;
  key: Pick<SigningKey, 'jwk'>;
}): Promise<Served & AsyncDisposable> {
  const { authority, server, key } = about;
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[{"name":"Ada"}]}}');
  });
  const gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'keys.json': JSON.stringify({ keys: [key.jwk] }),
    'gateway.yaml': `
version: 1
listen: { port: 0, tls: { cert: ${server.certFile}, key: ${server.keyFile}, clientCa: ${authority.certFile} } }
admin: { port: 0 }
upstreams:
  staff: { graphql: staff.graphql, url: ${upstream.url} }
identity:
  jwt:
    - { issuer: "https://idp.example", audience: graph, jwks: keys.json, algorithms: [ES256] }
`,
  });
  const close = async (): Promise<void> => {
    await gateway.close();
    await upstream.close();
  };
  return { ...gateway, close, [Symbol.asyncDispose]: close };
}
