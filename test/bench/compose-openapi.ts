/**
 * Prints how long documents of up to 1,000 operations and 15 MB take from file to stitched graph,
 * step by step, and the most memory the process held; exits with 1 past 10 s of CPU or 600 MB. Run with
 * `node test/bench/compose-openapi.ts [resources] [properties] [characters] [json|yaml]`.
 */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { loadOpenApi } from '../../gateway/delegate/openapi/load-openapi.ts';
import { createRestUpstream } from '../../gateway/delegate/openapi/rest-executor.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { composeSchema } from '../../gateway/delegate/stitch.ts';
import { makeDocument } from '../support/openapi-document.ts';

const [resources = 200, properties = 60, textLength = 1_000] = process.argv.slice(2, 5).map(Number);
const format = process.argv[5] ?? 'yaml';
const upstream = 'big';

const directory = await mkdtemp(join(tmpdir(), 'fieldgate-compose-'));
const file = join(directory, `big.${format}`);
// The document is made by another process, so that its memory is not counted here.
if (process.argv[6] === undefined) {
  const document = makeDocument({ resources, properties, textLength });
  await writeFile(file, format === 'json' ? JSON.stringify(document) : dump(document));
}
const measured = process.argv[6] ?? file;
if (process.argv[6] === undefined) {
  const { spawnSync } = await import('node:child_process');
  const args = [process.argv[1] ?? '', ...process.argv.slice(2, 6)];
  const filled = [args[0], String(resources), String(properties), String(textLength), format, file];
  const { status } = spawnSync(process.execPath, filled as string[], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  await measure(measured);
}
await rm(directory, { recursive: true });

async function measure(source: string): Promise<void> {
  const started = performance.now();
  let last = started;
  const step = (name: string): void => {
    const now = performance.now();
    process.stdout.write(`${name.padEnd(12)} ${(now - last).toFixed(0).padStart(6)} ms\n`);
    last = now;
  };
  const document = await loadOpenApi(source);
  step('load');
  const translated = translateOpenApi({ upstream, document, operations: 'all' });
  step('translate');
  const send = () => Promise.reject(new Error('nothing is sent'));
  const { executor } = createRestUpstream({ ...translated, send, upstream });
  const { schema } = composeSchema({
    subgraphs: [{ name: upstream, kind: 'openapi', schema: translated.schema, executor }],
  });
  step('compose');
  const { size } = await stat(source);
  const line = [
    `${(size / 1e6).toFixed(1)} MB ${format}, ${translated.operations.size} operations`,
    `${Object.keys(schema.getTypeMap()).length} types, ${translated.report.length} notes`,
    `${((performance.now() - started) / 1000).toFixed(2)} s on the clock`,
    `${(cpuMs() / 1000).toFixed(2)} s of CPU since the process began`,
    `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB at most`,
  ].join('; ');
  process.stdout.write(`${line}\n`);
  // The bound; CPU and not the clock, for a busy machine is no slow start.
  if (cpuMs() > 10_000 || process.resourceUsage().maxRSS > 600 * 1024) process.exitCode = 1;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
