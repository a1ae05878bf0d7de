/** `check`: certificates that end soon are named, with the day. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { peopleWith, runCommand } from './run-command.ts';

test('a certificate of the listener that ends within two weeks', async () => {
  const { certFile, keyFile } = await createAuthority();
  const listen = 'listen: { tls: { cert: cert.pem, key: key.pem } }\nupstreams:';
  const files = {
    ...peopleWith({ 'gateway.yaml': (text) => text.replace('upstreams:', listen) }),
    'cert.pem': await readFile(certFile, 'utf8'),
    'key.pem': await readFile(keyFile, 'utf8'),
  };
  const { code, stdout, directory } = await runCommand(['check'], files);
  expect(code).toBe(0);
  const said = /^certificate +(\S+): listen\.tls\.cert expires: (\S+)$/m.exec(stdout);
  expect(said?.[1]).toBe(join(directory, 'cert.pem'));
  const days = (Date.parse(said?.[2] ?? '') - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(1);
  expect(days).toBeLessThan(3);
  expect(stdout).toMatch(/, 1 certificates that end, /);
});
