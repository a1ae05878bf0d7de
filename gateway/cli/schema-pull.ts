/**
 * `fieldgate schema --pull`: fetches the schema of every GraphQL upstream and updates the pinned
 * SDL, each file atomically. The rest of the configuration need not load: a missing or outdated pin
 * is a reason to pull.
 *
 * No caller is involved, so headers that need a claim are left out.
 */
import { buildSchema, type GraphQLSchema } from 'graphql';
import { type GraphqlUpstreamConfig, loadConfig } from '../config.ts';
import { loadGraphqlSubgraph } from '../delegate/graphql/graphql-subgraph.ts';
import { compareSchemas, pullSchema, type SchemaChanges } from '../delegate/graphql/pull-schema.ts';
import { replaceFile } from '../delegate/replace-file.ts';
import { UpstreamFailure } from '../errors.ts';
import { openUpstream } from '../open-upstream.ts';
import { receive } from '../walk/receive.ts';
import type { CommandIo, CommandOptions } from './command.ts';

interface Pulled extends SchemaChanges {
  readonly upstream: string;
  readonly file: string;
  /** Why the pull failed; the file is then unchanged. */
  readonly problem?: string;
}

const linesMax = 50;
const pullMsMax = 60_000;

/** Returns 1 if an upstream could not be queried, or its schema does not load. */
export async function runPull(options: CommandOptions, io: CommandIo): Promise<number> {
  const config = await loadConfig(options.config, io);
  const pulled: Pulled[] = [];
  for (const upstream of config.upstreams) {
    if (upstream.kind === 'graphql') pulled.push(await pullOne(upstream, io));
  }
  if (options.json) io.stdout.write(`${JSON.stringify({ pulled }, null, 2)}\n`);
  else for (const one of pulled) report(one, io);
  return pulled.some(({ problem }) => problem !== undefined) ? 1 : 0;
}

async function pullOne(upstream: GraphqlUpstreamConfig, io: CommandIo): Promise<Pulled> {
  const { name, file, operations, prefix } = upstream;
  const about = { upstream: name, file };
  const none = { added: [], removed: [], changed: [] };
  try {
    const sdl = `${await ask(upstream, io.stop)}\n`;
    // A schema that would prevent the start must not replace one that works.
    loadGraphqlSubgraph({ upstream: name, sdl, prefix, ...(operations && { operations }) });
    const before = pinned(upstream);
    const changes = compareSchemas(before, loadGraphqlSubgraph({ upstream: name, sdl }));
    const isSame = before !== nothing && Object.values(changes).every(({ length }) => length === 0);
    if (!isSame) await replaceFile(file, sdl);
    return { ...about, ...changes };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ...about, ...none, problem };
  }
}

/** Fetches the SDL of an upstream that is not configured yet; throws Error. */
export function askForSdl(
  { name, url }: { readonly name: string; readonly url: string },
  stop: AbortSignal,
): Promise<string> {
  return ask(
    {
      kind: 'graphql',
      name,
      url,
      file: '',
      operations: undefined,
      prefix: undefined,
      headers: {},
      forward: [],
      timeoutMs: pullMsMax,
      responseBytesMax: 33_554_432,
      connections: 1,
      retries: { attempts: 0, budget: 0 },
      ca: undefined,
      mtls: undefined,
      oauth: undefined,
      privateNetwork: false,
    },
    stop,
  );
}

async function ask(upstream: GraphqlUpstreamConfig, stop: AbortSignal): Promise<string> {
  const headers = Object.entries(upstream.headers).filter(
    ([, value]) => !value.includes('{claims.'),
  );
  const open = { ...upstream, headers: Object.fromEntries(headers), forward: [] };
  const transport = openUpstream(open, () => undefined);
  const nowMs = Date.now();
  try {
    return await pullSchema(upstream.name, transport.send, {
      record: receive({ method: 'POST', peer: '', rawHeaders: [] }, nowMs),
      signal: stop,
      deadlineMs: performance.now() + pullMsMax,
      inboundHeaders: {},
    });
  } catch (error) {
    if (error instanceof UpstreamFailure) {
      const max = upstream.responseBytesMax;
      const isTooLarge = error.kind === 'answer too large';
      const large = `its answer is larger than \`responseBytesMax\` (${max} bytes)`;
      throw new Error(isTooLarge ? large : error.why, { cause: error });
    }
    throw error;
  } finally {
    await transport.close();
  }
}

const nothing = buildSchema('scalar None');

/** The pinned schema, for comparison; empty if it does not load. */
function pinned({ name, file }: GraphqlUpstreamConfig): GraphQLSchema {
  try {
    return loadGraphqlSubgraph({ upstream: name, file });
  } catch {
    // Everything counts as new; the new SDL was checked on its own.
    return nothing;
  }
}

function report(one: Pulled, { stdout, stderr }: CommandIo): void {
  const { upstream, file, added, removed, changed, problem } = one;
  if (problem !== undefined) {
    stderr.write(`${upstream}: ${problem}; ${file} is as it was\n`);
    return;
  }
  const count = added.length + removed.length + changed.length;
  const sums = `${added.length} added, ${removed.length} removed, ${changed.length} changed`;
  stdout.write(`${upstream}: ${count === 0 ? 'no change' : sums} (${file})\n`);
  const lines = [
    ...removed.map((coordinate) => `  - ${coordinate}`),
    ...changed.map((line) => `  ~ ${line}`),
    ...added.map((coordinate) => `  + ${coordinate}`),
  ];
  for (const line of lines.slice(0, linesMax)) stdout.write(`${line}\n`);
  if (lines.length > linesMax) stdout.write(`  and ${lines.length - linesMax} more\n`);
}
