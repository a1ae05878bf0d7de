/** An authority of the test's own and certificates by it, made with openssl in a folder of their own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM texts. */
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Pair {
  /** A certificate for names such as `DNS:localhost` or `IP:127.0.0.1`. */
  issue(subject: string, names: string, days?: number): Promise<Pair>;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export async function createAuthority(): Promise<Authority> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-ca-'));
  const at = (name: string): string => join(directory, name);
  let issued = 0;
  const self = ['req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=Test CA'];
  await run('openssl', [...self, '-keyout', at('ca.key'), '-out', at('ca.pem')]);
  const read = async (name: string): Promise<Pair> => ({
    certFile: at(`${name}.pem`),
    keyFile: at(`${name}.key`),
    cert: await readFile(at(`${name}.pem`), 'utf8'),
    key: await readFile(at(`${name}.key`), 'utf8'),
  });
  return {
    ...(await read('ca')),
    async issue(subject, names, days = 2) {
      issued += 1;
      const name = `issued-${issued}`;
      const request = ['req', ...newKey, '-subj', `/CN=${subject}`];
      await run('openssl', [...request, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)]);
      await writeFile(at(`${name}.ext`), `subjectAltName=${names}\n`);
      const sign = ['x509', '-req', '-in', at(`${name}.csr`), '-days', String(days)];
      const by = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'];
      await run('openssl', [
        ...sign,
        ...by,
        '-extfile',
        at(`${name}.ext`),
        '-out',
        at(`${name}.pem`),
      ]);
      return read(name);
    },
  };
}
