/**
 * Prints what 100,000 requests from a blocked address cost the gateway, beside a node:http server
 * that answers a constant, and how many signatures were checked for them, which has to be none.
 * `node test/bench/blocked-addresses.ts`
 *
 * Each request carries another token, well made but for its signature, so that no cache helps.
 */
import { Pool } from 'undici';
import {
  benchFiles,
  type Child,
  makeTokens,
  startConstant,
  startGateway,
} from './child-process.ts';

const rounds = 10;
const perRound = 10_000;
const askers = 32;
/** All of 127.0.0.0/8 is this machine on Linux: callers of different addresses without a proxy. */
const blockedAddress = '127.0.0.2';
const otherAddress = '127.0.0.3';
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const countChecks = `
  let checks = 0;
  const { verify } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.verify = function (...given) {
    checks += 1;
    return verify.apply(this, given);
  };
  process.on('exit', () => process.stderr.write('signature checks: ' + checks + '\\n'));
`;

const policy = `
version: 1
lists: { blocked: { file: ../blocked.txt } }
deny: [blocked]
`;

const body = JSON.stringify({ query: '{ person(id: "1") { id name title } }' });

async function ask(pool: Pool, path: string, token: string): Promise<string> {
  const answer = await pool.request({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
  return `${answer.statusCode} ${await answer.body.text()}`;
}

/** A token like the good one, with another signature each time. */
function createForger(token: string): () => string {
  const kept = token.slice(0, -12);
  let count = 0;
  return () => {
    count += 1;
    return kept + count.toString(36).padStart(12, 'A');
  };
}

/** CPU time of `child` in microseconds for each of `perRound` requests, and the statuses seen. */
async function round(child: Child, pool: Pool, forge: () => string) {
  const { pathname } = new URL(child.url);
  const statuses = new Map<string, number>();
  const before = child.cpuMs();
  let left = perRound;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const status = (await ask(pool, pathname, forge())).slice(0, 3);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: askers }, one));
  return { each: ((child.cpuMs() - before) * 1_000) / perRound, statuses };
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;

const open = (child: Child, localAddress: string): Pool =>
  new Pool(new URL(child.url).origin, { connections: askers, localAddress });

await using upstream = await startConstant({
  body: '{"data":{"person":{"id":"1","name":"Ada","title":"Engineer","__typename":"Person"}}}',
});
const { jwks, tokens } = await makeTokens(1);
const [token = ''] = tokens;
const forge = createForger(token);
const files = {
  ...benchFiles(upstream.url, jwks),
  'policies/network/default.yaml': policy,
  'policies/blocked.txt': `${blockedAddress}\n192.0.2.0/24\n`,
};
await using gateway = await startGateway(files, countChecks);
const others = open(gateway, otherAddress);
const { pathname } = new URL(gateway.url);
print(`from another address, good token: ${(await ask(others, pathname, token)).slice(0, 70)}`);
print(`from another address, forged: ${(await ask(others, pathname, forge())).slice(0, 70)}`);
await others.close();
const blocked = open(gateway, blockedAddress);
const refused = await ask(blocked, pathname, forge());
print(`from the blocked address: ${refused}`);

await using constant = await startConstant({ status: 403, body: refused.slice(4) });
const direct = open(constant, blockedAddress);
const costs: { gateway: number; constant: number }[] = [];
const statuses = new Set<string>();
// A round of each first that does not count: code gets compiled.
for (let at = 0; at <= rounds; at += 1) {
  const compared = await round(constant, direct, forge);
  const measured = await round(gateway, blocked, forge);
  for (const status of measured.statuses.keys()) statuses.add(status);
  if (at > 0) costs.push({ gateway: measured.each, constant: compared.each });
}
await Promise.all([blocked.close(), direct.close()]);

const whole = costs.reduce((sum, one) => sum + one.gateway / one.constant, 0) / costs.length;
print(`${rounds * perRound} requests, in rounds of ${perRound}; statuses ${[...statuses]}`);
print(`  gateway ${median(costs.map((one) => one.gateway)).toFixed(0)} µs of CPU each`);
print(`  constant answer ${median(costs.map((one) => one.constant)).toFixed(0)} µs of CPU each`);
print(
  `  ratio ${median(costs.map((one) => one.gateway / one.constant)).toFixed(2)}, mean ${whole.toFixed(2)}`,
);
const { complaints } = await gateway.stop();
const checks = Number(/signature checks: (\d+)/.exec(complaints)?.[1]);
print(`signatures checked: ${checks}, of which 2 for the other address`);
if (checks !== 2 || [...statuses].join() !== '403') process.exitCode = 1;
