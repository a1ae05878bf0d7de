/**
 * The operations of an OpenAPI document, in its order, with what the translation needs of each:
 * parameters (the path's and its own, its own first), body and answer.
 */
import type { OpenAPIV3_1 } from 'openapi-types';
import type { JsonSchema, SchemaLike } from './schema-shape.ts';

export interface ApiParameter {
  name: string;
  in: string;
  required?: boolean;
  style?: string;
  explode?: boolean;
  description?: string;
  schema?: SchemaLike;
  content?: Record<string, unknown>;
}
export type ApiContent = Record<string, { schema?: SchemaLike }>;
interface ApiOperation {
  operationId?: string;
  summary?: string;
  description?: string;
  parameters?: ApiParameter[];
  requestBody?: { required?: boolean; content?: ApiContent };
  responses?: Record<string, { content?: ApiContent }>;
}
type ApiPathItem = Record<string, ApiOperation> & { parameters?: ApiParameter[] };
interface ApiDocument {
  paths?: Record<string, ApiPathItem | undefined>;
  components?: { schemas?: Record<string, JsonSchema> };
}

export interface ListedOperation {
  /** `GET /employees/{id}`, as the document writes the path. */
  label: string;
  method: string;
  path: string;
  operationId: string | undefined;
  description: string | undefined;
  parameters: readonly ApiParameter[];
  body: { required: boolean; content: ApiContent } | undefined;
  /** By status: `200`, `2XX`, `default`. */
  responses: ReadonlyMap<string, ApiContent>;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

export function listOperations(document: OpenAPIV3_1.Document): ListedOperation[] {
  const { paths = {} } = toApiDocument(document);
  return Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation =
        item !== undefined && Object.hasOwn(item, method) ? item[method] : undefined;
      return operation === undefined ? [] : [toListed({ method, path, item, operation })];
    }),
  );
}

export function listComponents(document: OpenAPIV3_1.Document): Record<string, SchemaLike> {
  return toApiDocument(document).components?.schemas ?? {};
}

/** The document is validated and dereferenced: no reference objects are left in these places. */
function toApiDocument(document: OpenAPIV3_1.Document): ApiDocument {
  return document as unknown as ApiDocument;
}

function toListed(about: {
  method: string;
  path: string;
  item: ApiPathItem | undefined;
  operation: ApiOperation;
}): ListedOperation {
  const { path, operation } = about;
  const method = about.method.toUpperCase();
  const { requestBody: body, responses = {} } = operation;
  return {
    label: `${method} ${path}`,
    method,
    path,
    operationId: operation.operationId,
    description: operation.summary ?? operation.description,
    parameters: mergeParameters(operation.parameters ?? [], about.item?.parameters ?? []),
    body: body && { required: body.required ?? false, content: body.content ?? {} },
    responses: new Map(
      Object.entries(responses).map(([status, response]) => [status, response.content ?? {}]),
    ),
  };
}

function mergeParameters(own: ApiParameter[], shared: ApiParameter[]): ApiParameter[] {
  const isOwn = (one: ApiParameter): boolean =>
    own.some((each) => each.name === one.name && each.in === one.in);
  return [...own, ...shared.filter((each) => !isOwn(each))];
}
