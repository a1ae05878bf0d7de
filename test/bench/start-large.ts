/**
 * Prints how long `serve` takes from an empty process to its first answer with very large
 * upstreams, one rule per type, and the most memory it held meanwhile (VmHWM, so on Linux):
 * a GraphQL schema of 6,000 fields, and OpenAPI documents of 1,000 operations in several sizes.
 * Exits with 1 where one takes more than 10 s of CPU or 600 MB. Run with
 * `node test/bench/start-large.ts [NAME...]`.
 */
import { readFileSync } from 'node:fs';
import { dump } from 'js-yaml';
import { makeDocument } from '../support/openapi-document.ts';
import { benchFiles, makeTokens, startGateway } from './child-process.ts';
import { largeSdl } from './large-sdl.ts';

/** What is promised; CPU and not the clock, for a busy machine is no slow start. */
const cpuMsMax = 10_000;
const memoryMbMax = 600;

interface Upstream {
  /** The entry in gateway.yaml, the file it names, and the types that rules name. */
  readonly entry: string;
  readonly file: string;
  readonly text: string;
  readonly types: readonly string[];
}

const upstreams: Record<string, () => Upstream> = {
  'graphql-6000': () => {
    const { sdl } = largeSdl(6_000);
    const types = [...sdl.matchAll(/^type (Type\d+) /gm)].map(([, name = '']) => name);
    return { entry: 'graphql: big.graphql', file: 'big.graphql', text: sdl, types };
  },
  'yaml-3MB': () => openApi('yaml', { resources: 200, properties: 60, textLength: 150 }),
  'yaml-17MB': () => openApi('yaml', { resources: 200, properties: 60, textLength: 1_000 }),
  'json-15MB': () => openApi('json', { resources: 200, properties: 60, textLength: 1_000 }),
};

function openApi(format: 'yaml' | 'json', size: Parameters<typeof makeDocument>[0]): Upstream {
  const document = makeDocument(size);
  return {
    entry: `openapi: big.${format}, operations: all`,
    file: `big.${format}`,
    text: format === 'json' ? JSON.stringify(document) : dump(document),
    types: Array.from({ length: size.resources }, (_, at) => `Thing${at}`),
  };
}

const { jwks } = await makeTokens(1);
const named = process.argv.slice(2);
for (const [name, make] of Object.entries(upstreams)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const { entry, file, text, types } = make();
  const rules = types.map(
    (type, at) =>
      `  - { name: t${at}, fields: { ${type}: ["*"] }, allow: { scopes: [s${at % 40}] } }`,
  );
  const base = benchFiles('http://127.0.0.1:9', jwks);
  const files = {
    'jwks.json': jwks,
    'gateway.yaml': (base['gateway.yaml'] ?? '').replace(
      /staff: .*/,
      `big: { ${entry}, url: "http://127.0.0.1:9" }`,
    ),
    'policies/access/big.yaml': `
version: 1
rules:
  - { name: reads, fields: { Query: ["*"] }, allow: { scopes: [read] } }
${rules.join('\n')}
`,
    [file]: text,
  };
  const started = performance.now();
  await using gateway = await startGateway(files);
  await fetch(gateway.url, { method: 'POST' });
  const cpuMs = gateway.cpuMs();
  const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8');
  const megabytes = (Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) * 1_024) / 1e6;
  process.stdout.write(
    [
      name.padEnd(14),
      `${(text.length / 1e6).toFixed(1)} MB of text`,
      `${((performance.now() - started) / 1_000).toFixed(1)} s on the clock`,
      `${(cpuMs / 1_000).toFixed(1)} s of CPU`,
      `${megabytes.toFixed(0)} MB at most\n`,
    ].join('; '),
  );
  if (!(cpuMs <= cpuMsMax && megabytes <= memoryMbMax)) process.exitCode = 1;
}
