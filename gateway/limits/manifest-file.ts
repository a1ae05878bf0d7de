/**
 * Reads manifests of trusted documents: Apollo's persisted query manifest, or GraphQL Code
 * Generator's map of hash to text. They are parsed as YAML, a superset of JSON, so that problems
 * have positions. A mistake prevents the start.
 */
import { GraphQLError, parse } from 'graphql';
import { z } from 'zod';
import { ConfigError, type Path, type Problem } from '../files/config-error.ts';
import { atItsName, type NamedAt } from '../files/named-file.ts';
import { checkYaml } from '../files/yaml-check.ts';
import { readYaml, type YamlSource } from '../files/yaml-source.ts';
import type { Manifest } from './document-policy.ts';

const documentsMax = 20_000;
const id = z
  .string()
  .regex(/^[\x21-\x7e]{1,512}$/)
  .describe('an id of 1 to 512 visible characters');
const text = z.string().min(1).describe('the text of a GraphQL document');

const apollo = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z
    .array(z.object({ id, body: text, name: z.string().optional(), type: z.string().optional() }))
    .max(documentsMax),
});

const codegen = z.record(id, text);

interface Entry {
  readonly id: string;
  readonly text: string;
  readonly path: Path;
}

/** Loads the documents of all files; throws ConfigError, also if a text does not parse. */
export async function loadManifest(
  files: readonly { readonly file: string; readonly named: NamedAt }[],
): Promise<Manifest> {
  const byId = new Map<string, string>();
  const problems: Problem[] = [];
  for (const one of files) {
    try {
      const source = await atItsName(one, () => readYaml(one.file));
      for (const entry of entriesOf(source)) problems.push(...add(entry, source, byId));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { byId, texts: new Set(byId.values()) };
}

function entriesOf(source: YamlSource): Entry[] {
  const { value } = source;
  const isApollo = typeof value === 'object' && value !== null && Object.hasOwn(value, 'format');
  if (isApollo) {
    const { operations } = checkYaml(source, apollo);
    return operations.map(({ id: name, body }, index) => ({
      id: name,
      text: body,
      path: ['operations', index, 'body'],
    }));
  }
  const documents = Object.entries(checkYaml(source, codegen));
  return documents.map(([name, body]) => ({ id: name, text: body, path: [name] }));
}

function add(entry: Entry, source: YamlSource, byId: Map<string, string>): Problem[] {
  const { path } = entry;
  // A request may use the id with or without the prefix; both must mean one document.
  for (const id of [entry.id, `sha256:${entry.id}`, entry.id.replace(/^sha256:/, '')]) {
    const known = byId.get(id);
    if (known === undefined || known === entry.text) continue;
    const message = `another document has this id already${id === entry.id ? '' : `, as ${id}`}`;
    return [source.problem({ path, code: 'duplicate-name', message })];
  }
  byId.set(entry.id, entry.text);
  try {
    parse(entry.text, { noLocation: true });
    return [];
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const message = `not a GraphQL document: ${error.message}`;
    return [source.problem({ path, code: 'wrong-format', message })];
  }
}
