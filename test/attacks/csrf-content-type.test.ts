/**
 * A page on a foreign site can make a browser send a POST without asking first (no preflight), but
 * not with the type application/json. Every other spelling of a body is refused before it is read.
 */
import { describe, expect, test } from 'vitest';
import { admitHead } from '../../gateway/admit/head.ts';

const rules = { expectedPath: '/graphql', bodyBytesMax: 1000 };

function verdict(...raw: string[]): string {
  const head = { method: 'POST', path: '/graphql', search: '', headers: { raw } };
  const decision = admitHead(head, rules);
  return decision.kind === 'refused' ? decision.refusal.reason : decision.kind;
}

const refused = [
  'application/x-www-form-urlencoded',
  'APPLICATION/X-WWW-FORM-URLENCODED',
  'multipart/form-data; boundary=x',
  'multipart/form-data; boundary=application/json',
  'text/plain',
  'text/plain; application/json',
  'text/plain;application/json',
  'text/plain; a="; application/json"',
  'text/plain, application/json',
  'application/json, text/plain',
  'application/json,application/json',
  'application/graphql',
  'application/graphql+json',
  'application/graphql-response+json',
  'application/jsonp',
  'application/json+x',
  'x-application/json',
  'application/ json',
  'application /json',
  'application/json text/plain',
  'application/json; charset=utf-7',
  'application/json;charset=utf-16',
  'application/json; charset=iso-8859-1',
  'application/json; charset=utf8',
  'application/json; charset=',
  'application/json; charset',
  'application/json; charset="utf-8',
  'application/json; charset=utf-8; charset=utf-7',
  'application/json; charset=utf-7; Charset=utf-8',
  'application/json; charset="utf-8\\";charset=utf-7"',
  'application/json\u00a0',
  '*/*',
  'application/*',
  'json',
  '',
];

const accepted = [
  'application/json',
  'Application/JSON',
  'application/json;',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json ; Charset="utf-8"',
  'application/json; charset="ut\\f-8"',
];

describe('forms of a foreign site', () => {
  test.each(refused)('content type %j is refused', (type) => {
    expect(verdict('Content-Type', type)).toBe('admit/content-type');
  });

  test.each(accepted)('content type %j is JSON', (type) => {
    expect(verdict('Content-Type', type)).toBe('post');
  });

  test('no content type is refused', () => {
    expect(verdict()).toBe('admit/content-type');
  });

  test('two content types are refused, in whatever order', () => {
    const json = ['Content-Type', 'application/json'];
    const plain = ['content-type', 'text/plain'];
    expect(verdict(...json, ...plain)).toBe('admit/content-type');
    expect(verdict(...plain, ...json)).toBe('admit/content-type');
  });
});
