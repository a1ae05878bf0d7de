/**
 * Loads an OpenAPI document from a file or a URL: Swagger 2, OpenAPI 3.0 or 3.1, YAML or JSON, in
 * one or several files. Recursive schemas stay circular objects.
 *
 * Real documents violate their format; unreadable parts of an operation are reported when they are
 * read, not here. Refuses text that is no YAML, references that lead nowhere or outside, and
 * anything that is no OpenAPI document. Every error names the source.
 */
import { CORE_SCHEMA, load, mergeTag, YAMLException } from 'js-yaml';
import { type Document, isScalar, parseDocument, visit } from 'yaml';
import { isJsonObject } from '../../json-value.ts';
import type { ApiDocument } from './document/api-document.ts';
import { readAllFiles } from './document/read-all-files.ts';
import { openSources, type SourceOptions } from './document/read-sources.ts';
import { resolveReferences } from './document/resolve-references.ts';
import { fromSwagger2 } from './document/swagger2.ts';

const errorLengthMax = 2_000;
/** Adds merge keys (`<<`), which many documents use. */
const schema = CORE_SCHEMA.withTags([mergeTag]);

/** Loads the document from a file or URL; throws one Error that names it. */
export async function loadOpenApi(
  source: string,
  options: SourceOptions = {},
): Promise<ApiDocument> {
  try {
    const { root, read } = await openSources(source, options);
    const files = await readAllFiles(root, async (url) => parseText(await read(url), url, root));
    checkVersion(files.get(root));
    return toApiDocument(resolveReferences(root, files));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${source}: ${why.trim().slice(0, errorLengthMax)}`, { cause: error });
  }
}

/** JSON.parse is much faster; a YAML flow mapping starts with the same brace. */
function parseText(text: string, url: string, root: string): unknown {
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // Read as YAML, whose error names the line.
    }
  }
  try {
    return load(text.replace(/^\uFEFF/, ''), { schema });
  } catch (error) {
    const loose = isIndented(error) ? readLoosely(text) : undefined;
    if (loose !== undefined) return loose;
    const why = toSyntaxText(error);
    throw new Error(url === root ? why : `${url}: ${why}`, { cause: error });
  }
}

const isIndented = (error: unknown): boolean =>
  error instanceof YAMLException && error.reason === 'deficient indentation';

/** Most parsers accept brackets closed at their key's column, as the Berlin Group has them. */
function readLoosely(text: string): unknown {
  const document = parseDocument(text, { schema: 'core', merge: true, uniqueKeys: false });
  return document.errors.length > 0 || hasRepeats(document) ? undefined : document.toJS();
}

/** The parser itself compares every key with all before it: thousands of paths would take minutes. */
function hasRepeats(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Map(_, { items }) {
      const keys = new Set(items.map(({ key }) => (isScalar(key) ? String(key.value) : key)));
      found = keys.size < items.length;
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

/** One line: js-yaml's message would continue with an excerpt of the document. */
function toSyntaxText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof YAMLException) || error.mark === undefined) return error.message;
  const { line, column } = error.mark;
  return `line ${line + 1}, column ${column + 1}: not YAML: ${error.reason}`;
}

function checkVersion(file: unknown): void {
  if (!isJsonObject(file)) throw new Error('no OpenAPI document: it is no object');
  const { openapi, swagger } = file;
  if (openapi === undefined && swagger === undefined) {
    throw new Error('no OpenAPI document: it has neither "openapi" nor "swagger"');
  }
  // An unquoted version is a number in YAML.
  const version = String(openapi ?? swagger);
  const isKnown = openapi === undefined ? /^2(?:\.0)?$/ : /^3\.[01](?:\.|$)/;
  if (!isKnown.test(version)) {
    throw new Error(`version ${version} is none of Swagger 2.0, OpenAPI 3.0 and 3.1`);
  }
}

function toApiDocument(document: unknown): ApiDocument {
  if (!isJsonObject(document)) throw new Error('no OpenAPI document: it is no object');
  const { paths = {} } = document;
  if (!isJsonObject(paths)) throw new Error('"paths" must be an object');
  const read = { ...document, paths };
  return document.swagger === undefined ? read : fromSwagger2(read);
}
