/**
 * Prints what it takes to start with a large GraphQL upstream: CPU of each step, resident memory,
 * and the first answer. Run with `node --expose-gc test/bench/compose-graphql.ts [FIELDS]`.
 *
 * The issue's bound for 6,000 fields: 10 s and 600 MB from an empty process to a gateway that has
 * answered. Exits with 1 past it.
 */
import { execute, parse } from 'graphql';
import { createGraphqlExecutor } from '../../gateway/delegate/graphql-executor.ts';
import { loadGraphqlSubgraph } from '../../gateway/delegate/graphql-subgraph.ts';
import { composeSchema } from '../../gateway/delegate/stitch.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';
import { buildSnapshot } from '../../gateway/snapshot.ts';
import { newContext } from '../support/delegation.ts';
import { toTestRules } from '../support/gateway.ts';
import { largeSdl } from './large-sdl.ts';

const wanted = Number(process.argv[2] ?? 6_000);
const prefix = process.argv[3];
const { sdl, fieldCount } = largeSdl(wanted);
const boundMs = 10_000;
const boundMb = 600;

const residentMb = (): number => process.memoryUsage().rss / 1_048_576;
/** CPU and not the clock: a busy machine must not count as a slow start. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
let peakMb = residentMb();

function step<Value>(name: string, work: () => Value): Value {
  const startedMs = cpuMs();
  const value = work();
  const ms = cpuMs() - startedMs;
  peakMb = Math.max(peakMb, residentMb());
  process.stdout.write(
    `${ms.toFixed(0).padStart(8)} ms ${residentMb().toFixed(0).padStart(6)} MB  ${name}\n`,
  );
  return value;
}

process.stdout.write(`${fieldCount} fields, ${(sdl.length / 1024).toFixed(0)} KB of SDL\n`);
const schema = step('load', () => loadGraphqlSubgraph({ upstream: 'big', sdl, prefix }));
const executor = step('executor', () =>
  createGraphqlExecutor({
    upstream: 'big',
    schema,
    prefix,
    send: async () => ({
      status: 200,
      contentType: 'application/json',
      body: JSON.stringify({ data: { list0: [{ id: '1' }] } }),
    }),
  }),
);
const graph = step('compose', () =>
  composeSchema({ subgraphs: [{ name: 'big', kind: 'graphql', schema, executor }] }),
);
const rules = `
version: 1
rules:
  - { name: reads, fields: { Query: ["*"] }, types: [], allow: { scopes: [read] } }
`.replace(', types: []', '');
const names = Object.keys(graph.schema.getTypeMap()).filter((name) => /Type\d+$/.test(name));
const all = `${rules}${names.map((name, at) => `  - { name: t${at}, fields: { ${name}: ["*"] }, allow: { scopes: [s${at % 40}] } }`).join('\n')}\n`;
const snapshot = step('snapshot', () =>
  buildSnapshot(
    graph,
    { rules: toTestRules(all), limits: defaultLimits },
    { introspection: 'everyone', anonymousAllowed: false },
  ),
);
step('first document', () => snapshot.checkDocument('{ list0 { id to1 { field3 } } }'));
step('a view', () => snapshot.viewWithout(new Set([`${names[0]}.field1`])));
const first = await execute({
  schema: snapshot.executable,
  document: parse('{ list0 { id } }'),
  contextValue: newContext(),
});
const totalMs = cpuMs();
globalThis.gc?.();
process.stdout.write(
  `${totalMs.toFixed(0)} ms of CPU since the process began, peak ${peakMb.toFixed(0)} MB, ` +
    `${residentMb().toFixed(0)} MB after collection, ${JSON.stringify(first.data)?.length} characters answered\n`,
);
if (totalMs > boundMs || peakMb > boundMb) process.exitCode = 1;
