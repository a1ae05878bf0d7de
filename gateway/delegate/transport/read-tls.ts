/**
 * Reads the certificates that `listen` or an upstream names, and refuses to start if a file is
 * missing, has no certificate, or has the key of another certificate. Messages name files and
 * configuration keys, never file contents.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigError, fileProblem } from '../../files/config-error.ts';
import type { TlsOptions } from './connector.ts';

export interface TlsFiles {
  readonly name: string;
  readonly ca: string | undefined;
  readonly mtls: { readonly cert: string; readonly key: string } | undefined;
}

/** PEM texts; undefined if the upstream names no file. Throws ConfigError. */
export function readTls({ name, ca, mtls }: TlsFiles): TlsOptions | undefined {
  if (ca === undefined && mtls === undefined) return undefined;
  return {
    ...(ca === undefined ? {} : { ca: readAuthorities(ca, `upstreams.${name}.ca`) }),
    ...(mtls === undefined ? {} : readPair(mtls, `upstreams.${name}.mtls`)),
  };
}

/** PEM texts that `listen.tls` names; throws ConfigError. */
export function readListenTls(files: { cert: string; key: string; clientCa?: string | undefined }) {
  const { clientCa } = files;
  return {
    ...readPair(files, 'listen.tls'),
    clientCa: clientCa === undefined ? undefined : readAuthorities(clientCa, 'listen.tls.clientCa'),
  };
}

function readAuthorities(file: string, where: string): string {
  const text = readCertificates(file, where);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  for (const block of blocks) toCertificate(block, file, where);
  if (blocks.length === 0) throw refusal(file, 'wrong-format', `${where}: holds no certificate`);
  return text;
}

function readPair(files: { cert: string; key: string }, where: string) {
  const cert = readCertificates(files.cert, `${where}.cert`);
  const key = readText(files.key, `${where}.key`);
  const certificate = toCertificate(cert, files.cert, `${where}.cert`);
  if (!isKeyOf(certificate, key, files.key, `${where}.key`)) {
    throw refusal(files.key, 'wrong-value', `${where}.key: is not the key of ${where}.cert`);
  }
  const why = refusedByTls({ cert, key });
  if (why === undefined) return { cert, key };
  throw refusal(files.cert, 'wrong-value', `${where}.cert: cannot be used${why}`);
}

/** OpenSSL's complaint about a well-formed but unusable pair, such as a short key, if any. */
function refusedByTls(pair: { cert: string; key: string }): string | undefined {
  try {
    createSecureContext(pair);
    return undefined;
  } catch (error) {
    const reason = String(error instanceof Error && 'reason' in error ? error.reason : '');
    return /^[a-z][a-z ]{0,80}$/.test(reason) ? ` (${reason})` : '';
  }
}

function toCertificate(text: string, file: string, where: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    // OpenSSL's message has nothing that an operator could use.
    throw refusal(file, 'wrong-format', `${where}: is no PEM certificate`);
  }
}

function isKeyOf(certificate: X509Certificate, key: string, file: string, where: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw refusal(file, 'wrong-format', `${where}: is no PEM private key without a passphrase`);
  }
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;

/** A partially written file would mean fewer authorities, or an incomplete chain. */
function readCertificates(file: string, where: string): string {
  const text = readText(file, where);
  if (!/^-----BEGIN/m.test(text.replace(block, ''))) return text;
  throw refusal(file, 'wrong-format', `${where}: a certificate in it has no end`);
}

function readText(file: string, where: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw refusal(file, 'file-missing', `${where}: this file cannot be read`);
  }
}

function refusal(file: string, code: Parameters<typeof fileProblem>[1], message: string) {
  return new ConfigError([fileProblem(file, code, message)]);
}
