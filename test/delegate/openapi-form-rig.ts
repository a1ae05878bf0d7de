/** Documents with one operation whose body is a form. */
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { answering, type Json, toDocument } from './openapi-rig.ts';

export const text = { type: 'string' };
export const integer = { type: 'integer' };
export const list = { type: 'array', items: text };
export const address = {
  type: 'object',
  properties: { 'post-code': text, floor: integer, tags: list },
};
export const flat = { type: 'object', properties: { R: integer, G: integer } };
export const formType = 'application/x-www-form-urlencoded';

export interface Form {
  properties: Json;
  encoding?: Json;
  more?: Json;
  required?: boolean;
}

export function documentOf(form: Form, content: Json = {}): ApiDocument {
  const { properties, encoding, more, required = true } = form;
  const media = { schema: { type: 'object', properties, ...more }, encoding };
  const requestBody = { required, content: { ...content, [formType]: media } };
  const post = answering(text, { operationId: 'pay', requestBody });
  return toDocument({ '/x': { get: answering(text) }, '/pay': { post } });
}

export function translate(document: ApiDocument) {
  return translateOpenApi({ upstream: 'u', document, operations: 'all' });
}

export const one = (schema: unknown, encoding?: Json): Form => ({
  properties: { a: schema },
  ...(encoding && { encoding: { a: encoding } }),
});
export const deep = { style: 'deepObject', explode: true };
