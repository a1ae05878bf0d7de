/**
 * Reads the arguments of `init`: `NAME=DESCRIPTION[,URL]` becomes an upstream with its part of the
 * graph. The upstream is not contacted, except for the SDL of a GraphQL upstream whose file is
 * missing.
 */
import { resolve } from 'node:path';
import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { isUrl } from '../../config/config-provider-url.ts';
import { loadGraphqlSubgraph } from '../../delegate/graphql/graphql-subgraph.ts';
import { readSdl } from '../../delegate/graphql/read-sdl.ts';
import type { ApiDocument } from '../../delegate/openapi/document/api-document.ts';
import { listOperations } from '../../delegate/openapi/document/list-operations.ts';
import { loadOpenApi } from '../../delegate/openapi/load-openapi.ts';
import { translateOpenApi } from '../../delegate/openapi/translate-openapi.ts';
import { isAbsent } from '../../files/system-error.ts';
import { isJsonObject } from '../../json-value.ts';
import { askForSdl } from '../schema-pull.ts';

export interface GivenUpstream {
  readonly name: string;
  readonly kind: 'openapi' | 'graphql';
  readonly url: string;
  /** An absolute path, or the URL of an OpenAPI document. */
  readonly description: string;
  /** The parsed document of an OpenAPI upstream. */
  readonly document: ApiDocument | undefined;
  /** All reads, before any is left out. */
  readonly reads: readonly { readonly field: string; readonly label: string | undefined }[];
  /** Reads that cannot be in the graph, and why. */
  readonly lost: readonly { readonly field: string; readonly why: string }[];
  /** Number of operations that are not reads: mutations, or methods other than GET. */
  readonly others: number;
  /** The upstream's part of the graph with only these root fields, under their new names. */
  compose(about: Composing): GraphQLSchema;
  /** SDL to be written at `description`, if it was fetched. */
  readonly sdl: string | undefined;
}

export interface Composing {
  /** By name in the graph: the name in the description. */
  readonly fields: ReadonlyMap<string, string>;
  readonly prefix: string | undefined;
}

const form = 'NAME=DESCRIPTION[,URL], such as hris=hris.yaml,https://hris.example.com';
/** Text that gateway.yaml would read as a variable, or cannot hold. */
const unwritable = /\$\{|[\s\p{Cc}?#\\]/u;

/** Throws Error naming the invalid argument, or the description that does not load. */
export async function readGiven(word: string, stop: AbortSignal): Promise<GivenUpstream> {
  const [, name = '', description = '', url] =
    /^([A-Za-z][\w-]{0,63})=([^,]+)(?:,(.+))?$/.exec(word) ?? [];
  if (name === '' || name === 'key') throw new Error(`${word}: write ${form}`);
  if (description.includes('${')) throw new Error(`${word}: no variables here`);
  if (url !== undefined) checkUrl(name, url);
  const isSdl = /\.(?:graphqls?|gql)$/i.test(description);
  return isSdl ? readGraphql(name, description, url, stop) : readOpenApi(name, description, url);
}

function checkUrl(name: string, text: string): void {
  const url = URL.parse(text);
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (isWeb && !/[?#@\\\s{}]/.test(text)) return;
  throw new Error(
    `${name}: ${text} must be an http or https URL without credentials, query and fragment`,
  );
}

async function readOpenApi(
  name: string,
  description: string,
  given: string | undefined,
): Promise<GivenUpstream> {
  const source = isUrl(description) ? description : resolve(description);
  const document = await loadOpenApi(source);
  const url = given ?? serverOf(document, source);
  if (url === undefined) {
    throw new Error(`${name}: ${description} names no server to ask: write ${form}`);
  }
  checkUrl(name, url);
  const { listed } = listOperations(document);
  const others = listed.filter(({ method }) => method !== 'GET').length;
  if (others === listed.length) throw new Error(`${name}: ${description} ${noReads}`);
  const { schema, operations, report } = translateOpenApi({
    upstream: name,
    document,
    operations: 'reads',
  });
  const all = [...operations].map(([coordinate, { label }]) => ({
    field: coordinate.replace('Query.', ''),
    label,
  }));
  const reads = all.filter(({ label }) => !isUnwritable(label));
  return {
    name,
    kind: 'openapi',
    url,
    description: source,
    document,
    reads,
    lost: [
      ...report
        .filter(({ operation, lost }) => lost && /^(?:GET )?\//.test(operation))
        .map(({ operation, why }) => ({ field: operation, why })),
      ...all
        .filter(({ label }) => isUnwritable(label))
        .map(({ label }) => ({ field: label, why: 'gateway.yaml cannot name its path' })),
    ],
    others,
    sdl: undefined,
    compose: ({ fields }) => {
      const isWhole =
        fields.size === operations.size && [...fields].every(([to, own]) => to === own);
      if (isWhole) return schema;
      const labels = new Map(reads.map(({ field, label }) => [field, label]));
      const wanted = [...fields].map(([field, own]) => [`Query.${field}`, labels.get(own) ?? '']);
      const chosen = Object.fromEntries(wanted) as Record<string, string>;
      return translateOpenApi({ upstream: name, document, operations: chosen }).schema;
    },
  };
}

const isUnwritable = (label: string): boolean => unwritable.test(label.replace(' ', ''));

const noReads =
  'has no GET, and a graph needs something that reads; a POST that reads is named in a gateway.yaml of your own: operations: { Query.name: POST /path }';

/**
 * The first server URL whose variables all have defaults, resolved against the document's URL if
 * relative.
 */
function serverOf(document: ApiDocument, source: string): string | undefined {
  const { servers, host, basePath, schemes } = document;
  const written = Array.isArray(servers)
    ? servers.map((one) => (isJsonObject(one) ? withDefaults(one) : undefined))
    : [];
  if (typeof host === 'string') {
    const scheme = Array.isArray(schemes) && !schemes.includes('https') ? 'http' : 'https';
    written.push(`${scheme}://${host}${typeof basePath === 'string' ? basePath : ''}`);
  }
  for (const one of written) {
    if (typeof one !== 'string' || one.includes('{')) continue;
    const url = URL.parse(one, isUrl(source) ? source : undefined);
    if (url !== null) return url.href.replace(/\/$/, '');
  }
  return undefined;
}

/** The URL of a server object with the defaults of its variables. */
function withDefaults({ url, variables }: Record<string, unknown>): unknown {
  if (typeof url !== 'string' || !isJsonObject(variables)) return url;
  return url.replace(/\{([^{}]*)\}/g, (written, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const value = isJsonObject(variable) ? variable.default : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : written;
  });
}

async function readGraphql(
  name: string,
  description: string,
  url: string | undefined,
  stop: AbortSignal,
): Promise<GivenUpstream> {
  if (url === undefined) throw new Error(`${name}: ${description} names no server: write ${form}`);
  const file = resolve(description);
  const pinned = readIfThere(file);
  const sdl = pinned ?? (await askFor({ name, url, description }, stop));
  const about = { upstream: name, ...(pinned === undefined ? { sdl } : { file }) };
  const schema = loadGraphqlSubgraph(about);
  return {
    name,
    kind: 'graphql',
    url,
    description: file,
    document: undefined,
    reads: namesIn(schema.getQueryType()).map((field) => ({ field, label: undefined })),
    lost: [],
    others: namesIn(schema.getMutationType()).length,
    sdl: pinned === undefined ? sdl : undefined,
    compose: ({ fields, prefix }) =>
      loadGraphqlSubgraph({
        ...about,
        prefix,
        operations: [...fields.keys()].map((field) => `Query.${field}`),
      }),
  };
}

const namesIn = (root: GraphQLObjectType | null | undefined): readonly string[] =>
  Object.keys(root?.getFields() ?? {});

async function askFor(
  { name, url, description }: { name: string; url: string; description: string },
  stop: AbortSignal,
): Promise<string> {
  try {
    return `${await askForSdl({ name, url }, stop)}\n`;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${name}: ${description} is not there, and ${url} did not tell its schema (${why}): write its SDL to that file`,
      { cause: error },
    );
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readSdl(file);
  } catch (error) {
    if (error instanceof Error && isAbsent(error.cause)) return undefined;
    throw error;
  }
}
