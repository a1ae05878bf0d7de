/**
 * The document of an upstream that somebody else wrote, read by an operator at a terminal or by a
 * job that makes something of its log: no text of it clears the screen, turns what stands beside it
 * around, or begins a line that looks like one of ours.
 */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runIn } from '../cli/run-command.ts';
import { writeFiles } from '../support/config-files.ts';

const evil = '\u001b[2J\u009b1A\u202e\r\nok: 0 unlisted\n::error::\u2028\u2029::error::';

const config = (openapi: string): string => `
version: 1
upstreams: { api: { openapi: ${openapi}, url: "http://127.0.0.1:1", operations: reads } }
identity: { anonymous: allow }
`;
const rules = 'version: 1\nrules: [{ name: all, fields: { Query: ["*"] }, allow: everyone }]\n';

/** One operation that is well, and what `paths` has. */
function toDocument(paths: object): string {
  const ok = { 200: { description: 'ok' } };
  const document = {
    openapi: '3.0.3',
    info: { title: evil, version: '1' },
    servers: [{ url: 'https://api.example.com' }],
    paths: { '/fine': { get: { responses: ok } }, ...paths },
  };
  return JSON.stringify(document);
}

const lost = { get: { responses: { 200: { description: 'ok' } } } };
const cookie = { name: `c${evil}`, in: 'cookie', schema: { type: 'string' } };

const documents = [
  { name: 'a path that is none', paths: { [`/x${evil}`]: lost } },
  {
    name: 'a parameter that is left out',
    paths: { '/x': { get: { ...lost.get, parameters: [cookie] } } },
  },
  {
    name: 'a reference that leads nowhere',
    paths: {
      '/x': { get: { ...lost.get, parameters: [{ $ref: `#/components/parameters/${evil}` }] } },
    },
  },
];

const commands = [
  { words: ['check'], files: ['gateway.yaml', 'policies/access/all.yaml'] },
  { words: ['init'], files: [] },
];

it.each(documents.flatMap((one) => commands.map((command) => ({ ...one, ...command }))))(
  '$words of a document with $name',
  async ({ paths, words, files }) => {
    const all: Record<string, string> = {
      'gateway.yaml': config('api.json'),
      'policies/access/all.yaml': rules,
    };
    const written = Object.fromEntries(files.map((file) => [file, all[file] ?? '']));
    const directory = await writeFiles({ ...written, 'api.json': toDocument(paths) });
    const more = words[0] === 'init' ? [`api=${join(directory, 'api.json')}`] : [];
    const ran = await runIn(directory, [...words, ...more]);
    const printed = ran.stdout + ran.stderr;
    expect(printed).toMatch(/api/);
    expect(printed).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
    expect(printed.split('\n').filter((line) => /^(?:ok: 0 unlisted$|::)/.test(line))).toEqual([]);
  },
);
