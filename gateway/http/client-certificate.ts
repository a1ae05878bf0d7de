/**
 * Client certificates on our own TLS listener: requested if authorities are configured, and
 * optional, because the token decides whether one is needed. Fails closed: a certificate not signed
 * by those authorities counts as none.
 */
import { hash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** PEM texts. */
export interface TlsTexts {
  readonly cert: string;
  readonly key: string;
  /** Authorities that sign callers' certificates. */
  readonly clientCa?: string | undefined;
}

/** Options of a node:https server. */
export function toTlsOptions({ clientCa, ...tls }: TlsTexts) {
  // Not to be lowered by NODE_OPTIONS.
  const own = { ...tls, minVersion: 'TLSv1.2' } as const;
  if (clientCa === undefined) return own;
  return { ...own, ca: clientCa, requestCert: true, rejectUnauthorized: false };
}

const hashes = new WeakMap<Socket, string | undefined>();

/** SHA-256 of the caller's certificate, base64url; computed once per connection. */
export function toCertificateHash(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  if (hashes.has(socket)) return hashes.get(socket);
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  const hashed = certificate && hash('sha256', certificate.raw, 'base64url');
  hashes.set(socket, hashed);
  return hashed;
}
