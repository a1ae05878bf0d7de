/** What all contenders share: upstream stand-ins, a collector, signed tokens and a folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTokens } from '../child-process.ts';
import { payFederatedSdl, paySdl, staffFederatedSdl, staffOpenApi } from './staff-schema.ts';
import { startScript } from './start-script.ts';

export interface Site extends AsyncDisposable {
  readonly restUrl: string;
  /** GraphQL, with federation's entities as well. */
  readonly payUrl: string;
  /** The REST upstream's records as a federation subgraph. */
  readonly staffUrl: string;
  /** Takes whatever OTLP is sent to it. */
  readonly collectorUrl: string;
  readonly jwks: string;
  readonly jwksUrl: string;
  readonly tokens: readonly string[];
  /** For configurations and logs; gone afterwards. */
  readonly folder: string;
}

const callers = 50;

export async function openSite(): Promise<Site> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'fieldgate-bench-'));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const rest = opening.use(await startScript('rest-upstream.ts', []));
  const pay = opening.use(await startScript('graphql-upstream.ts', ['pay']));
  const staff = opening.use(await startScript('graphql-upstream.ts', ['staff']));
  const collector = opening.use(await startScript('../constant-server.ts', ['200', '']));
  const { jwks, tokens } = await makeTokens(callers);
  const keys = opening.use(await startScript('../constant-server.ts', ['200', jwks]));
  const urls = { rest: new URL(rest.url).origin, pay: pay.url, staff: staff.url };
  const supergraphs = join(folder, 'supergraphs');
  await mkdir(supergraphs);
  const texts = {
    'openapi.json': JSON.stringify(staffOpenApi),
    'pay.graphql': paySdl,
    'pay-federated.graphql': payFederatedSdl,
    'staff-federated.graphql': staffFederatedSdl,
    'urls.json': JSON.stringify(urls),
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(supergraphs, name), text);
  const open = opening.move();
  return {
    restUrl: urls.rest,
    payUrl: urls.pay,
    staffUrl: urls.staff,
    collectorUrl: collector.url,
    jwks,
    jwksUrl: keys.url,
    tokens,
    folder,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
