/**
 * Finds the certificates named by `listen` and upstreams that have expired or soon will: from then
 * on callers or upstreams refuse every connection, and nothing before says so.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TlsFiles } from './read-tls.ts';

export interface EndingCertificate {
  readonly file: string;
  /** The key of gateway.yaml that names the file. */
  readonly key: string;
  /** The earliest end of a certificate in the file, as ISO 8601. */
  readonly until: string;
  readonly hasExpired: boolean;
}

interface Users {
  readonly listen: {
    readonly tls: { readonly cert: string; readonly clientCa: string | undefined } | undefined;
  };
  readonly upstreams: readonly TlsFiles[];
}

const soonMs = 14 * 86_400_000;

/** Skips files that cannot be read; whoever uses them complains. */
export function endingCertificates(config: Users, nowMs: number): readonly EndingCertificate[] {
  return filesOf(config).flatMap(({ file, key }) => {
    const endMs = Math.min(...endsIn(file));
    if (!(endMs - nowMs <= soonMs)) return [];
    return [{ file, key, until: new Date(endMs).toISOString(), hasExpired: endMs <= nowMs }];
  });
}

function filesOf({ listen: { tls }, upstreams }: Users) {
  const named: [key: string, file: string | undefined][] = [
    ['listen.tls.cert', tls?.cert],
    ['listen.tls.clientCa', tls?.clientCa],
    ...upstreams.flatMap(({ name, ca, mtls }): [string, string | undefined][] => [
      [`upstreams.${name}.ca`, ca],
      [`upstreams.${name}.mtls.cert`, mtls?.cert],
    ]),
  ];
  return named.flatMap(([key, file]) => (file === undefined ? [] : [{ key, file }]));
}

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function endsIn(file: string): number[] {
  try {
    const blocks = readFileSync(file, 'utf8').match(block) ?? [];
    return blocks.map((text) => new X509Certificate(text).validToDate.getTime());
  } catch {
    return [];
  }
}
