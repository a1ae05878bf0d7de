/**
 * Reads an OpenAPI document from disk: parsed, validated and dereferenced by swagger-parser;
 * schemas that contain themselves stay circular objects.
 *
 * Only files beside or below the document are read: a reference to a URL, or to a file
 * elsewhere, refuses to load. Every error names the file.
 */
import { readFile, realpath } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import type { OpenAPIV3_1 } from 'openapi-types';

const dereferenceTimeoutMs = 30_000;
const errorLengthMax = 2_000;

/** The document in `file` (YAML or JSON, OpenAPI 3.0 or 3.1); throws one Error that names it. */
export async function loadOpenApi(file: string): Promise<OpenAPIV3_1.Document> {
  try {
    const path = await realpath(resolve(file));
    return await loadDocument(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${file}: ${why.trim().slice(0, errorLengthMax)}`, { cause: error });
  }
}

async function loadDocument(path: string): Promise<OpenAPIV3_1.Document> {
  const options = toOptions(dirname(path));
  const parsed = await SwaggerParser.parse(path, options);
  if (!('openapi' in parsed)) {
    throw new Error('Swagger 2 is not supported: convert the document to OpenAPI 3.');
  }
  const document = await SwaggerParser.validate(path, parsed, options);
  if (!isOpenApi3(document)) throw new Error('not an OpenAPI 3.0 or 3.1 document with paths.');
  return document;
}

/** 3.0 reads as 3.1 with `nullable`; the translator knows both spellings. */
function isOpenApi3(document: object): document is OpenAPIV3_1.Document {
  return (
    'openapi' in document &&
    'paths' in document &&
    typeof document.paths === 'object' &&
    document.paths !== null
  );
}

function toOptions(directory: string): SwaggerParser.Options {
  return {
    timeoutMs: dereferenceTimeoutMs,
    dereference: { circular: true },
    resolve: {
      http: false,
      file: {
        order: 1,
        canRead: true,
        read: ({ url }: { url: string }) => readBelow(directory, url),
      },
    },
  };
}

/** A document from elsewhere could otherwise pull any file of this machine into the graph. */
async function readBelow(directory: string, url: string): Promise<Buffer> {
  if (/^[a-z][a-z0-9+.-]+:/i.test(url)) {
    throw new Error(`the reference to ${url} is not followed: only files are.`);
  }
  const path = await realpath(decodeURIComponent(url));
  const from = relative(directory, path);
  if (from === '..' || from.startsWith(`..${sep}`)) {
    throw new Error(`the reference to ${url} leaves the document's directory.`);
  }
  return await readFile(path);
}
