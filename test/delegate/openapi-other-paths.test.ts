import { expect, test } from 'vitest';
import {
  createOtherPaths,
  type IsElsewhere,
} from '../../gateway/delegate/openapi/call/other-paths.ts';
import { listOperations } from '../../gateway/delegate/openapi/document/list-operations.ts';
import { answering, toDocument } from './openapi-rig.ts';

const at = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const get = { get: answering({ type: 'boolean' }, { parameters: [at('tenant')] }) };

function isElsewhereOf(path: string, others: readonly string[]): IsElsewhere {
  const document = toDocument(Object.fromEntries([path, ...others].map((one) => [one, get])));
  const { listed } = listOperations(document);
  const own = listed.find((one) => one.path === path);
  const isElsewhere = own && createOtherPaths(listed)(own);
  if (isElsewhere === undefined) throw new Error('the path takes a value');
  return isElsewhere;
}

// Looked for once in each path, such a value takes longer than a test may.
test.each([
  [
    'in one that begins with a value',
    '/{tenant}',
    Array.from({ length: 3_000 }, (_, at) => `/{tenant}/list${at}`),
    `${'a'.repeat(60_000)}%2Fb`,
  ],
  [
    'of slashes',
    '/files/{tenant}',
    ['/files/{tenant}/v{tenant}'],
    `7%2Fv${'%252f'.repeat(12_000)}%2Fb`,
  ],
  [
    'of separators',
    '/files/{tenant}',
    ['/files/{tenant}-{tenant}.{tenant}', '/files/{tenant}-{tenant}_{tenant}/all'],
    `${'a-'.repeat(30_000)}%2Fb`,
  ],
])('a long value %s is soon looked through', (_, path, others, value) => {
  const isElsewhere = isElsewhereOf(path, others);
  const asked = Array.from({ length: 40 }, () => isElsewhere(path.replace('{tenant}', value)));
  expect(new Set(asked)).toEqual(new Set([false]));
  const found = others[0]?.replaceAll('{tenant}', '7').slice(path.indexOf('{')) ?? '';
  expect(isElsewhere(path.replace('{tenant}', encodeURIComponent(found)))).toBe(true);
});
