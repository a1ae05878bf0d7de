/** The files of `init` as text: YAML with comments on what to change next. */
import { isAbsolute, relative } from 'node:path';
import { getNullableType, isLeafType, isObjectType } from 'graphql';
import { Document, isMap, isScalar } from 'yaml';
import { isUrl } from '../../config/config-provider-url.ts';
import { ownTypes } from '../../delegate/stitch/stitch-conflicts.ts';
import { asFlow } from '../yaml-flow.ts';
import type { FittedUpstream } from './init-compose.ts';
import type { ProposedPolicy } from './init-policy.ts';

const style = { lineWidth: 100, flowCollectionPadding: true } as const;

/** The text of gateway.yaml; `directory` is its folder. */
export function toGatewayYaml(upstreams: readonly FittedUpstream[], directory: string): string {
  const written = upstreams.map((one) => [one.given.name, toUpstream(one, directory)]);
  const document = new Document({
    version: 1,
    listen: { host: '127.0.0.1', port: 4000, path: '/graphql' },
    admin: { host: '127.0.0.1', port: 4001 },
    upstreams: Object.fromEntries(written) as object,
    identity: { apiKeys: { file: 'keys.yaml' }, anonymous: 'refuse' },
    policies: 'policies',
    introspection: 'authenticated',
  });
  for (const path of [['listen'], ['admin'], ['identity', 'apiKeys']]) asFlow(document, path);
  note(document, 'upstreams', [
    ' What each service is owed goes under its `headers`, secrets from the environment:',
    '   headers: { authorization: "Bearer $' + '{TOKEN}", x-tenant-id: "{claims.tenant_id}" }',
    ` Only what reads is here. Writes are named the same way: ${writesOf(upstreams)}.`,
    ...upstreams.flatMap(({ given, leftOut }) =>
      leftOut.map(({ field, why }) => ` Left out: ${given.name}: Query.${field}: ${why}.`),
    ),
  ]);
  note(document, 'identity', [
    ' One key, for a first look. Tokens of an identity provider are believed with',
    '   jwt: [{ issuer: https://idp.example.com, audience: graph, jwks: https://…, algorithms: [ES256] }]',
  ]);
  note(document, 'policies', [
    ' Who saw what is recorded where there is an audit trail; `subjects` says whose a record is:',
    `   audit: { directory: audit, subjects: { ${someSubject(upstreams)}: id } }`,
  ]);
  return `# Made by \`fieldgate init\`; yours from now on. \`fieldgate check\` says whether it fits together.\n${document.toString(style)}`;
}

/** A type with an id, by preference one that sounds like people. */
function someSubject(upstreams: readonly FittedUpstream[]): string {
  const types = upstreams
    .flatMap(({ schema }) => ownTypes(schema))
    .filter((type) => isObjectType(type) && isLeafType(getNullableType(type.getFields().id?.type)));
  const person = types.find(({ name }) => /person|employee|customer|user|patient/i.test(name));
  return (person ?? types[0])?.name ?? 'Person';
}

/** How to name a write, for each kind of upstream in use. */
function writesOf(upstreams: readonly FittedUpstream[]): string {
  const kinds = new Set(upstreams.map(({ given }) => given.kind));
  return [
    ...(kinds.has('openapi') ? ['`Mutation.name: PATCH /path/{id}`'] : []),
    ...(kinds.has('graphql') ? ['`Mutation.name`'] : []),
  ].join(', of a GraphQL service ');
}

function toUpstream({ given, prefix, fields }: FittedUpstream, directory: string): object {
  const { url, description } = given;
  const labels = new Map(given.reads.map(({ field, label }) => [field, label]));
  const names = [...fields].map(([name, own]) => [`Query.${name}`, labels.get(own)] as const);
  const file = isUrl(description) ? description : pathFrom(directory, description);
  return given.kind === 'openapi'
    ? { openapi: file, url, operations: Object.fromEntries(names) }
    : { graphql: file, url, ...(prefix && { prefix }), operations: names.map(([name]) => name) };
}

function pathFrom(directory: string, file: string): string {
  const path = relative(directory, file);
  return isAbsolute(path) ? file : path;
}

/** The text of policies/access/<upstream>.yaml. */
export function toAccessYaml(name: string, { rules, opaque }: ProposedPolicy): string {
  const document = new Document({
    version: 1,
    rules: rules.map((rule) => ({
      name: rule.name,
      ...(rule.class !== undefined && { class: rule.class }),
      fields: Object.fromEntries(rule.fields),
      allow: { scopes: [rule.scope] },
    })),
  });
  for (const [index, { fields }] of rules.entries()) {
    for (const type of fields.keys()) asFlow(document, ['rules', index, 'fields', type]);
    asFlow(document, ['rules', index, 'allow']);
  }
  const closed = opaque.map((coordinate) => `#   ${coordinate}\n`).join('');
  return [
    `# Who may see what of ${name}. Made by \`fieldgate init\` from names alone: read it as a proposal.\n`,
    '# What no rule names does not exist for any caller.\n',
    closed &&
      `# Closed, for no rule can look into what these hold; naming one opens all of it:\n${closed}`,
    document.toString(style),
  ].join('');
}

export const ratesYaml = `version: 1
rates:
  - { name: per-address, per: address, limit: 600, window: 1m }
  - { name: per-caller, per: caller, limit: 6000, window: 1m }
`;

/** The text of keys.yaml: the SHA-256 of one key, for everything unclassified. */
export function toKeysYaml(sha256: string, scopes: readonly string[]): string {
  const document = new Document({
    version: 1,
    keys: [{ sha256, client: 'first-look', scopes }],
  });
  asFlow(document, ['keys', 0, 'scopes']);
  return document.toString(style);
}

function note(document: Document, key: string, lines: readonly string[]): void {
  if (!isMap(document.contents)) return;
  const pair = document.contents.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (isScalar(pair?.key)) pair.key.commentBefore = lines.join('\n');
}
