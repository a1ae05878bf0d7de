/** policies/limits as files: what is read, what is refused and where. */
import { describe, expect, test } from 'vitest';
import { defaultCostPolicy } from '../../gateway/limits/cost/cost-policy.ts';
import { defaultDocumentPolicy } from '../../gateway/limits/document-policy.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';
import { loadLimitPolicy } from '../../gateway/limits/limits-file.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const v = 'version: 1\n';
const apollo = JSON.stringify({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [{ id: 'a1', name: 'Me', type: 'query', body: 'query Me { me }' }],
});

test('nothing said means the defaults', async () => {
  const directory = await writeFiles({ 'limits/a.yaml': v });
  expect(await loadLimitPolicy(directory)).toEqual({
    limits: defaultLimits,
    cost: defaultCostPolicy,
    documents: defaultDocumentPolicy,
    limitShadows: [],
  });
});

test('what is said is read, from several files', async () => {
  const directory = await writeFiles({
    'limits/a.yaml': `${v}limits: { rootFields: 3, aliases: 4, directives: 5, cost: 6, listSize: 7 }
weights: { Query.search: 10, "Query.search(text:)": 0.5 }
listSizes: { Query.employees: { arguments: [limit, page.size], assumed: 20 } }
upstreamCall: 0
`,
    'limits/b.yaml': `${v}limits: { height: 8, introspectionDepth: 9 }
weights: { Employee: 2 }
mutation: 50
assumedListSize: 5
documents: any
persistedQueries: { enabled: true, entriesMax: 12 }
`,
  });
  const { limits, cost, documents } = await loadLimitPolicy(directory);
  const set = { rootFields: 3, aliases: 4, directives: 5, cost: 6, listSize: 7, height: 8 };
  expect(limits).toEqual({ ...defaultLimits, ...set, introspectionDepth: 9 });
  expect([...cost.weights].map(([name, { weight }]) => [name, weight])).toEqual([
    ['Query.search', 10],
    ['Query.search(text:)', 0.5],
    ['Employee', 2],
  ]);
  expect(cost.listSizes.get('Query.employees')?.size).toEqual({
    arguments: ['limit', 'page.size'],
    sizedFields: undefined,
    assumed: 20,
  });
  expect([cost.upstreamCall, cost.mutation, cost.assumedListSize]).toEqual([0, 50, 5]);
  expect(documents.persistedQueries).toMatchObject({ enabled: true, entriesMax: 12 });
});

test('a weight knows where it was written', async () => {
  const { text, places } = readMarks(`${v}weights:\n  Query.a: 1\n  ▸Query.b: 2\n`);
  const directory = await writeFiles({ 'limits/a.yaml': text });
  const { cost } = await loadLimitPolicy(directory);
  expect(cost.weights.get('Query.b')?.place).toMatchObject({
    ...places[0],
    path: 'weights["Query.b"]',
  });
});

describe('trusted documents', () => {
  const trusted = `${v}documents: trusted\nmanifest: ../manifest.json\n`;

  test("Apollo's manifest", async () => {
    const directory = await writeFiles({ 'limits/a.yaml': trusted, 'manifest.json': apollo });
    const { documents } = await loadLimitPolicy(directory);
    expect(documents.documents).toBe('trusted');
    expect([...documents.manifest.byId]).toEqual([['a1', 'query Me { me }']]);
  });

  test("GraphQL Code Generator's, and several files", async () => {
    const directory = await writeFiles({
      'limits/a.yaml': `${v}documents: trusted\nmanifest: [../one.json, ../two.json]\n`,
      'one.json': JSON.stringify({ abc: '{ me }', def: 'query ($a: Int) { me }' }),
      'two.json': apollo,
    });
    const { manifest } = (await loadLimitPolicy(directory)).documents;
    expect([...manifest.byId.keys()]).toEqual(['abc', 'def', 'a1']);
    expect(manifest.texts).toContain('{ me }');
  });

  const wrong: { name: string; manifest: string; expect: string[] }[] = [
    { name: 'no JSON', manifest: '{', expect: ['yaml-syntax'] },
    { name: 'a list', manifest: '[]', expect: ['wrong-type'] },
    {
      name: 'another format',
      manifest: '{"format": "mine", "version": 1, "operations": []}',
      expect: ['wrong-value'],
    },
    {
      name: 'a text that does not parse',
      manifest: '{"a": "{ me", "b": "{ me }"}',
      expect: ['wrong-format'],
    },
    {
      name: 'one id twice',
      manifest: '{"a": "{ me }", "a": "{ you }"}',
      expect: ['duplicate-key'],
    },
    {
      name: 'one id for two operations',
      manifest: apollo.replace('[{', '[{"id":"a1","body":"{ you }"},{'),
      expect: ['duplicate-name'],
    },
    {
      name: 'one id for two, with its prefix and without',
      manifest: '{"a": "{ me }", "sha256:a": "{ you }"}',
      expect: ['duplicate-name'],
    },
    {
      name: 'the same the other way round',
      manifest: '{"sha256:a": "{ me }", "b": "{ me }", "a": "{ you }"}',
      expect: ['duplicate-name'],
    },
  ];
  test.each(wrong)('refuses a manifest: $name', async ({ manifest, expect: codes }) => {
    const directory = await writeFiles({ 'limits/a.yaml': trusted, 'manifest.json': manifest });
    const met = await problemsOf(() => loadLimitPolicy(directory));
    expect(met.map(({ code }) => code)).toEqual(codes);
  });

  test('refuses a manifest that is not there', async () => {
    const directory = await writeFiles({ 'limits/a.yaml': trusted });
    expect(await problemsOf(() => loadLimitPolicy(directory))).toMatchObject([
      { code: 'file-missing', path: 'manifest' },
    ]);
  });
});

const cases: { name: string; given: string; expect: [string, string][] }[] = [
  {
    name: 'trusted without a manifest',
    given: `${v}documents: ▸trusted\n`,
    expect: [['missing-key', 'documents']],
  },
  {
    name: 'trusted and persisted',
    given: `${v}documents: trusted\nmanifest: a.json\n▸persistedQueries: { enabled: true }\n`,
    expect: [['conflict', 'persistedQueries']],
  },
  {
    name: 'persisted without a word on whether',
    given: `${v}▸persistedQueries: { entriesMax: 5 }\n`,
    expect: [['missing-key', 'persistedQueries.enabled']],
  },
  {
    name: 'a cost of 0',
    given: `${v}limits: { cost: ▸0 }\n`,
    expect: [['out-of-range', 'limits.cost']],
  },
  {
    name: 'a negative weight',
    given: `${v}weights: { Query.a: ▸-1 }\n`,
    expect: [['out-of-range', 'weights["Query.a"]']],
  },
  {
    name: 'a weight of words',
    given: `${v}weights: { Query.a: ▸much }\n`,
    expect: [['wrong-type', 'weights["Query.a"]']],
  },
  {
    name: 'a coordinate that is none',
    given: `${v}weights: { ▸Query a: 1 }\n`,
    expect: [['wrong-name', 'weights["Query a"]']],
  },
  {
    name: 'the list size of a type',
    given: `${v}listSizes: { ▸Employee: { assumed: 5 } }\n`,
    expect: [['wrong-name', 'listSizes.Employee']],
  },
  {
    name: 'a list size that says nothing',
    given: `${v}listSizes: { Query.a: ▸{} }\n`,
    expect: [['empty', 'listSizes["Query.a"]']],
  },
  {
    name: 'a misspelt key',
    given: `${v}▸weight: { Query.a: 1 }\n`,
    expect: [['unknown-key', 'weight']],
  },
];

test.each(cases)('refuses $name', async ({ given, expect: wanted }) => {
  const { places } = readMarks(given);
  const directory = await writeFiles({ 'limits/default.yaml': given });
  const met = await problemsOf(() => loadLimitPolicy(directory));
  expect(met).toEqual(wanted.map(([code, path], index) => ({ code, path, ...places[index] })));
});

const twice: { name: string; given: string }[] = [
  { name: 'a weight', given: 'weights: { ▸Query.a: 1 }' },
  { name: 'a list size', given: 'listSizes: { ▸Query.a: { assumed: 1 } }' },
  { name: 'the weight of calls', given: '▸upstreamCall: 1' },
  { name: 'which documents run', given: '▸documents: any' },
];
test.each(twice)('two files may not set $name', async ({ given }) => {
  const { places } = readMarks(v + given);
  const directory = await writeFiles({ 'limits/a.yaml': v + given, 'limits/b.yaml': v + given });
  const met = await problemsOf(() => loadLimitPolicy(directory));
  expect(met).toMatchObject([{ code: 'duplicate-name', ...places[0] }]);
});
