/**
 * The other gateways, from the separate installation in test/bench/peers. None of them has rules
 * for fields in these configurations: on W5 they answer every field to everybody.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender, Missing } from './contender.ts';
import { firstAnswer } from './first-answer.ts';
import type { Site } from './site.ts';
import { freePort, type Started, startProcess } from './start-process.ts';

const peers = fileURLToPath(new URL('../peers/', import.meta.url));
const hiveBin = join(peers, 'node_modules/@graphql-hive/gateway/dist/bin.js');

/** Its own REST handling names types so. */
const restDialect = { id: 'String!', update: 'EmployeeUpdate_Input!' };
const federationDialect = { id: 'ID!', update: 'EmployeeUpdate!' };
const instead = 'cannot do REST: its REST upstream is a federation subgraph, not counted';

interface Peer extends Omit<Contender, 'start' | 'view'> {
  /** What must be there, in test/bench/peers. */
  readonly needs: string;
  args(site: Site, port: number): readonly string[];
}

const hive = (port: number): readonly string[] => [
  hiveBin,
  'supergraph',
  '--config-path',
  'hive.config.ts',
  '--host',
  '127.0.0.1',
  '--port',
  String(port),
  '--fork',
  '1',
];

const list: readonly Peer[] = [
  {
    name: 'Hive Gateway',
    about: 'nothing on; asks REST by its own transport, from the same OpenAPI document',
    needs: 'node_modules/@graphql-hive/gateway',
    dialect: restDialect,
    isSecured: false,
    args: (_, port) => hive(port),
  },
  {
    name: 'Hive Gateway, secured',
    about: 'as above with JWT ES256, rate limit per caller, depth limit, OTel traces at 1 %',
    needs: 'node_modules/@graphql-hive/gateway',
    dialect: restDialect,
    isSecured: true,
    args: (_, port) => hive(port),
  },
  {
    name: 'Apollo Server + @apollo/gateway',
    about: `nothing on; ${instead}`,
    needs: 'node_modules/@apollo/gateway',
    dialect: federationDialect,
    isSecured: false,
    args: (_, port) => ['apollo-gateway.ts', String(port)],
  },
  {
    name: 'Mercurius gateway',
    about: `nothing on, JIT; ${instead}`,
    needs: 'mercurius/node_modules/@mercuriusjs/gateway',
    dialect: federationDialect,
    isSecured: false,
    args: (_, port) => ['mercurius/mercurius-gateway.ts', String(port)],
  },
];

/** Peers that are installed, and what is missing with the way to get it. */
export function findPeers(site: Site): { contenders: Contender[]; missing: Missing[] } {
  const isThere = ({ needs }: Peer): boolean => existsSync(join(peers, needs));
  const there = list.filter(isThere);
  const missing = list
    .filter((peer) => !isThere(peer))
    .map(({ name }) => ({ name, reason: 'not installed; `npm run bench:peers` installs it' }));
  if (there.length > 0) compose(site);
  return { contenders: there.map(toContender), missing };
}

function compose(site: Site): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['compose-supergraph.ts', join(site.folder, 'supergraphs')],
    { cwd: peers, encoding: 'utf8', timeout: 120_000 },
  );
  if (status !== 0) throw new Error(`the peers' supergraphs cannot be composed:\n${stderr}`);
}

function toContender(peer: Peer): Contender {
  const contender: Contender = {
    ...peer,
    view: 'open',
    start: (site) => start(contender, peer, site),
  };
  return contender;
}

async function start(contender: Contender, peer: Peer, site: Site): Promise<Started> {
  const port = await freePort();
  const folder = join(site.folder, peer.name.replaceAll(/\W+/g, '-'));
  await mkdir(folder);
  return startProcess({
    args: peer.args(site, port),
    cwd: peers,
    url: `http://127.0.0.1:${port}/graphql`,
    logFile: join(folder, 'log.txt'),
    env: {
      BENCH_SUPERGRAPHS: join(site.folder, 'supergraphs'),
      BENCH_STAFF_URL: site.staffUrl,
      BENCH_PAY_URL: site.payUrl,
      BENCH_COLLECTOR_URL: site.collectorUrl,
      BENCH_JWKS_URL: site.jwksUrl,
      BENCH_SECURED: peer.isSecured ? 'yes' : '',
    },
    findFault: firstAnswer(contender, site),
  });
}
