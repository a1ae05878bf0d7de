/** The JSON Schemas that ship: current, and of one mind with the loader as far as they can know. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchemas } from '../gateway/json-schemas.ts';
import { people } from './cli/run-command.ts';
import { schemaOf, wrongFiles } from './cli/wrong-files.ts';
import { readMarks } from './support/config-files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const schemas = jsonSchemas();
const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
const validators = Object.fromEntries(
  Object.entries(schemas).map(([file, schema]) => [file, ajv.compile(schema)]),
);

function faultsIn(kind: string, text: string): unknown[] {
  const validate = validators[`${kind}.schema.json`];
  if (validate === undefined) throw new Error(`there is no schema of ${kind}`);
  validate(parse(text));
  return validate.errors ?? [];
}

describe('the files in gateway/schemas', () => {
  test.each(Object.entries(schemas))('%s is what the loader checks', async (file, schema) => {
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`../gateway/schemas/${file}`);
  });

  test('are all of them', () => {
    expect(readdirSync(`${root}gateway/schemas`).sort()).toEqual(Object.keys(schemas).sort());
  });
});

describe('good files', () => {
  const policies = readdirSync(`${root}policies`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `policies/${file}`);

  test.each(['gateway.yaml', ...policies])('%s', (file) => {
    expect(faultsIn(schemaOf(file), readFileSync(`${root}${file}`, 'utf8'))).toEqual([]);
  });

  test.each(Object.entries(people).filter(([file]) => /^gateway|^policies/.test(file)))(
    'of the tests: %s',
    (file, text) => {
      expect(faultsIn(schemaOf(file), text)).toEqual([]);
    },
  );

  test('every condition and every outcome', () => {
    const text = `version: 1
rules:
  - name: a
    class: [x, y]
    fields: { T: ["*", "a(b:)"] }
    types: [T]
    allow:
      any:
        - everyone
        - { scopes: [a:b], roles: [r r], clients: [c], network: office, regions: [DE] }
        - { claims: { n: [1, true, x] }, network: [a, b] }
        - { auth: { acr: [mfa, "urn:x"], maxAge: 5m } }
        - all: [authenticated, { hours: { days: [mon], from: "08:00", to: "24:00", zone: UTC } }]
    require: authenticated
    pin: { "T.a(b:)": claims.c.d }
    otherwise:
${['last4', 'first1', 'year', 'domain', 'hash', 'redact'].map((mask) => `      - { mask: ${mask}, allow: authenticated }\n`).join('')}      - hide
`;
    expect(faultsIn('access', text)).toEqual([]);
  });
});

describe('cases', () => {
  const one = (text: string) => `cases: [{ name: a, query: "{ a }", expect: {}, ${text} }]`;

  test('every key', () => {
    const text = `version: 1
cases:
  - name: a
    as:
      scopes: [a]
      roles: [a]
      claims: { a: { b: [1] } }
      client: a
      address: 10.0.0.1
      now: 2026-03-02T09:00:00Z
    query: "query A { a }"
    variables: { a: 1 }
    operation: A
    expect: { "A.a(b:)": allow, A.b: mask, A.c: deny, A.d: hidden, A.e: reject }
`;
    expect(faultsIn('cases', text)).toEqual([]);
    expect(faultsIn('cases', one('as: anonymous'))).toEqual([]);
  });

  test.each([
    { name: 'an unknown key', text: one('expects: {}') },
    { name: 'an unknown key of a caller', text: one('as: { scope: [a] }') },
    { name: 'a caller in a word', text: one('as: partner') },
    { name: 'a moment without an offset', text: one('as: { now: 2026-03-02 }') },
    { name: 'no query', text: 'cases: [{ name: a, expect: {} }]' },
    { name: 'a verdict', text: 'cases: [{ name: a, query: a, expect: { A.a: yes } }]' },
    { name: 'a coordinate', text: 'cases: [{ name: a, query: a, expect: { A: deny } }]' },
  ])('wrong: $name', ({ text }) => {
    expect(faultsIn('cases', text)).not.toEqual([]);
  });
});

describe('wrong files', () => {
  test.each(wrongFiles.filter(({ editor }) => editor))('$name', ({ file, text }) => {
    expect(faultsIn(schemaOf(file), readMarks(text).text)).not.toEqual([]);
  });

  test('most mistakes are seen by an editor', () => {
    const seen = wrongFiles.filter(({ editor }) => editor);
    expect(seen.length * 2).toBeGreaterThan(wrongFiles.length);
  });
});
