/**
 * Writes the supergraphs that the peers serve into FOLDER: `hive.graphql` asks the REST upstream
 * itself, through its OpenAPI document; `federation.graphql` asks a subgraph in its place.
 * `node compose-supergraph.ts FOLDER`, with FOLDER/openapi.json, pay.graphql, pay-federated.graphql,
 * staff-federated.graphql and urls.json in it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { getUnifiedGraphGracefully } from '@graphql-mesh/fusion-composition';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';
import { buildSchema, parse } from 'graphql';

const [folder = '.'] = process.argv.slice(2);
const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
const urls = JSON.parse(await read('urls.json')) as Record<'rest' | 'staff' | 'pay', string>;

const say = () => undefined;
const silent = { debug: say, info: say, warn: say, error: say, log: say, child: () => silent };
const staff = loadOpenAPISubgraph('staff', {
  source: join(folder, 'openapi.json'),
  endpoint: urls.rest,
})({ cwd: folder, fetch, logger: silent } as never);
const withRest = getUnifiedGraphGracefully([
  { name: 'staff', schema: await staff.schema$ },
  {
    name: 'pay',
    schema: buildSchema((await read('pay.graphql')).replaceAll('ID!', 'String!')),
    url: urls.pay,
  },
]);
await writeFile(join(folder, 'hive.graphql'), withRest);

const composed = composeServices([
  { name: 'staff', url: urls.staff, typeDefs: parse(await read('staff-federated.graphql')) },
  { name: 'pay', url: urls.pay, typeDefs: parse(await read('pay-federated.graphql')) },
]);
if (composed.supergraphSdl === undefined) throw new Error(String(composed.errors));
await writeFile(join(folder, 'federation.graphql'), composed.supergraphSdl);
