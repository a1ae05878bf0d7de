/**
 * A served gateway that brings about what no single request does: a flood, policies that change and
 * are refused, checkpoints, a torn tail, a query about who saw what.
 */
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { serve } from '../../gateway/cli/serve.ts';
import { playUpstream, serveFiles, smallFiles } from './served.ts';

/** Resolves with the closed log. */
export async function runServed(): Promise<{ directory: string; remove: () => Promise<void> }> {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"person":{"id":"42","fgs_id":"42","name":"Ada","ssn":"900-11-1111"}}}');
  });
  const files = smallFiles(upstream.url);
  const gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: audit, subjects: { Person: id } }\n`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [staff, person], Person: [id] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: everyone }
  - { name: names, fields: { Person: [name] }, allow: { scopes: [names] } }
`,
  });
  const ask = async (body: string) => {
    const headers = { 'content-type': 'application/json' };
    await (await fetch(gateway.url, { method: 'POST', headers, body })).text();
  };
  await ask(JSON.stringify({ query: '{ person(id: "42") { ssn name } }' }));
  await Promise.all(Array.from({ length: 60 }, () => ask('{"query": 1}')));
  const policy = join(gateway.directory, 'policies/access/staff.yaml');
  const text = await readFile(policy, 'utf8');
  await writeFile(policy, `${text}  - name: broken\n    felds: {}\n`);
  await gateway.reload();
  await writeFile(policy, `${text}# mended\n`);
  await gateway.reload();
  await gateway.closeOnly();

  const directory = join(gateway.directory, 'audit');
  const [last = ''] = (await readdir(directory)).filter((name) => name.endsWith('.ndjson')).sort();
  await appendFile(join(directory, last), '{"torn":');
  const configFile = join(gateway.directory, 'gateway.yaml');
  const again = await serve({ configFile, dev: false, env: {}, log: () => undefined });
  await again.close();
  await parseCommand(['audit', 'who-saw', 'Person', '42', '--config', configFile], {
    stdout: { write: () => undefined },
    stderr: { write: () => undefined },
    env: {},
    stop: new AbortController().signal,
  });
  await upstream.close();
  return { directory, remove: () => rm(gateway.directory, { recursive: true, force: true }) };
}
