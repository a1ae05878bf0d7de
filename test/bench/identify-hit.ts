/** What a token seen before costs, in microseconds: `node test/bench/identify-hit.ts`. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDoor,
  createSigningKey,
  signToken,
  startIssuer,
} from '../identify/loopback-issuer.ts';

const rounds = 200_000;
/** Of this process alone: other work on the machine does not count. */
const cpuMs = (): number => process.cpuUsage().user / 1000;
const key = await createSigningKey('k1');
const issuer = await startIssuer([key.jwk]);
const directory = await mkdtemp(join(tmpdir(), 'fieldgate-'));
const file = join(directory, 'revoked.yaml');
const revoked = Array.from({ length: 10_000 }, (_, at) => ({ jti: `revoked-${at}` }));
await writeFile(file, JSON.stringify({ version: 1, revoked }));
const door = createDoor(issuer.url, { more: { revoked: { file, reloadMs: 5000 } } });
await door.step.ready();
const token = await signToken({
  key,
  claims: { jti: 'j', tenant_id: 'aurora', roles: ['a', 'b'] },
});
const common = [
  'Host',
  'api',
  'User-Agent',
  'bench',
  'Accept',
  '*/*',
  'Content-Type',
  'application/json',
];
await door.use(token);
for (let pass = 0; pass < 5; pass += 1) {
  const started = cpuMs();
  for (let round = 0; round < rounds; round += 1) {
    // A new text each time, as the parser of HTTP makes one.
    const value = Buffer.from(`Bearer ${token}`).toString('latin1');
    if (door.step.identify({ raw: [...common, 'Authorization', value] }) instanceof Promise)
      throw new Error('not at once');
  }
  const whole = cpuMs() - started;
  const again = cpuMs();
  for (let round = 0; round < rounds; round += 1) Buffer.from(`Bearer ${token}`).toString('latin1');
  const making = cpuMs() - again;
  process.stdout.write(
    `${(((whole - making) / rounds) * 1000).toFixed(2)} us per hit (token of ${token.length} bytes)\n`,
  );
}
await door.close();
await issuer.close();
await rm(directory, { recursive: true });
