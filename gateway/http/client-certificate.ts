/**
 * Certificates of callers, on our own TLS listener: asked for where authorities are configured, and
 * optional, since it is the token that says whether one is needed. Fails closed: a certificate that
 * those authorities did not sign is none.
 */
import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** PEM texts. */
export interface TlsTexts {
  readonly cert: string;
  readonly key: string;
  /** Authorities of callers' certificates. */
  readonly clientCa?: string | undefined;
}

/** Options of a node:https server. */
export function toTlsOptions({ clientCa, ...tls }: TlsTexts) {
  // No variable of the environment may lower it.
  const own = { ...tls, minVersion: 'TLSv1.2' } as const;
  if (clientCa === undefined) return own;
  return { ...own, ca: clientCa, requestCert: true, rejectUnauthorized: false };
}

const hashes = new WeakMap<Socket, string | undefined>();

/** SHA-256 of the caller's certificate, base64url; hashed once per connection. */
export function toCertificateHash(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  if (hashes.has(socket)) return hashes.get(socket);
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  const hashed = certificate && hash('sha256', certificate.raw, 'base64url');
  hashes.set(socket, hashed);
  return hashed;
}
