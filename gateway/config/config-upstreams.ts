/**
 * The part of gateway.yaml about upstreams, joins and links.
 *
 * Limits what may cross to an upstream: headers of the connection, of the caller's credentials or
 * of proxies in front cannot be forwarded, and most cannot be set.
 */
import { z } from 'zod';
import { isLoopbackHost } from '../addresses/outbound-address.ts';
import { isNeverForwarded, isOwnHeader } from '../delegate/transport/transport-headers.ts';
import { complain } from '../files/yaml-complaint.ts';
import { checkConnection, connectionKeys } from './config-connection.ts';
import { filePath } from './config-listen.ts';
import { isUrl } from './config-provider-url.ts';

const graphqlName = z
  .string()
  .regex(/^[_A-Za-z]\w{0,199}$/)
  .describe('a GraphQL name');

const rootField = z
  .string()
  .regex(/^(?:Query|Mutation)\.[_A-Za-z]\w*$/)
  .describe('a root field, such as Query.employees');

const restOperation = z
  .string()
  .regex(/^(?:GET|PUT|POST|DELETE|PATCH) \/[^\s\p{Cc}?#\\]*$/u)
  .describe('a method and a path of the document, such as GET /employees/{id}');

const operations = z
  .union([z.enum(['reads', 'all']), z.array(rootField).min(1), z.record(rootField, restOperation)])
  .describe(
    'a map such as `Query.employees: GET /employees` (openapi), or a list of root fields (graphql)',
  );

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/)
  .describe('a header name');

const setName = headerName.superRefine((name, context) => {
  if (!isOwnHeader(name.toLowerCase())) return;
  complain(context, { code: 'forbidden-header', message: 'the gateway sets this header itself' });
});

const forwardName = headerName.superRefine((name, context) => {
  const lower = name.toLowerCase();
  if (!isOwnHeader(lower) && !isNeverForwarded(lower)) return;
  complain(context, {
    code: 'forbidden-header',
    message: 'this header never crosses to an upstream',
  });
});

const headerValue = z
  .string()
  .superRefine((value, context) => {
    const message = 'must hold no control characters, and as placeholders only {claims.name}';
    const rest = value.replace(/\{claims(?:\.[^{}\s.]+)+\}/g, '');
    // A misspelt placeholder would reach the upstream literally.
    const isFine = !/\{(?:claim|[A-Za-z_][\w.-]*\})/i.test(rest);
    if (!isFine || /\p{Cc}/u.test(value)) complain(context, { code: 'wrong-format', message });
  })
  .describe('a header value; {claims.name} stands for a verified claim');

const upstreamUrl = z
  .string()
  .superRefine((text, context) => {
    const message = 'must be an http or https URL without credentials, query and fragment';
    const url = URL.parse(text);
    const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
    if (isWeb && !/[?#@\\\s]/.test(text)) return;
    complain(context, { code: 'unsafe-url', message });
  })
  .describe('an http or https URL without credentials, query and fragment');

/** `__` is reserved by GraphQL; the other prefixes by the gateway (`isReservedName`). */
const typePrefix = z
  .string()
  .regex(/^(?!__)(?!fg[ksw]?\d*_)(?!_fgKey)[_A-Za-z]\w{0,63}$/)
  .describe(
    'the beginning of a GraphQL name, such as Payroll_, and none that is kept for the gateway: fg_, fgk_, fgs_, fgw_, _fgKey',
  );

/** Over plain HTTP a document could be replaced in transit, so http is limited to loopback. */
const openApiSource = filePath.superRefine((text, context) => {
  if (!isUrl(text)) return;
  const url = URL.parse(text);
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (isSafe && url.username === '' && url.password === '' && url.hash === '') return;
  const message =
    'must be a file, or an https URL (http on a loopback address) without credentials';
  complain(context, { code: 'unsafe-url', message });
});

/** Sparse fieldsets: the parameter's name, or also where the data lies and how deep names go. */
const select = z
  .union([
    z.string().min(1).max(100),
    z.strictObject({
      parameter: z.string().min(1).max(100),
      in: z.string().min(1).max(100).optional(),
      nested: z.enum(['top', 'dotted']).default('top'),
    }),
  ])
  .describe('a query parameter that takes names of properties, such as `fields`');

const upstream = z
  .strictObject({
    openapi: openApiSource.optional(),
    graphql: filePath.optional(),
    url: upstreamUrl,
    operations: operations.optional(),
    select: select.optional(),
    headers: z.record(setName, headerValue).default({}),
    forward: z.array(forwardName).max(50).default([]),
    timeoutMs: z.int().min(1).max(300_000).default(3_000),
    responseBytesMax: z.int().min(1).max(268_435_456).default(10_485_760),
    connections: z.int().min(1).max(1_024).default(64),
    prefix: typePrefix.optional(),
    ...connectionKeys,
  })
  .superRefine(checkUpstream, { when: () => true });

function checkUpstream(value: unknown, context: { issues: z.core.$ZodRawIssue[] }): void {
  if (typeof value !== 'object' || value === null) return;
  const given = value as Partial<Record<'openapi' | 'graphql' | 'operations' | 'select', unknown>>;
  const isOpenApi = given.openapi !== undefined;
  if (!isOpenApi && given.select !== undefined) {
    const message = '"select" is for OpenAPI upstreams: a GraphQL upstream is asked by selection';
    complain(context, { code: 'conflict', message, path: ['select'] });
  }
  if (isOpenApi === (given.graphql !== undefined)) {
    const message = 'an upstream has either "openapi" or "graphql"';
    complain(context, { code: 'conflict', message, part: 'key' });
    return;
  }
  const { operations } = given;
  if (isOpenApi && (operations === undefined || Array.isArray(operations))) {
    const message = '"operations" of an OpenAPI upstream must be a map, `reads` or `all`';
    const code = operations === undefined ? 'missing-key' : 'wrong-type';
    complain(context, { code, message, path: ['operations'] });
  } else if (!isOpenApi && operations !== undefined && !Array.isArray(operations)) {
    const message = '"operations" of a GraphQL upstream must be a list of root fields';
    complain(context, { code: 'wrong-type', message, path: ['operations'] });
  }
  if (isOpenApi && 'prefix' in value && value.prefix !== undefined) {
    const message =
      '"prefix" renames the types of a GraphQL upstream; an OpenAPI upstream has none';
    complain(context, { code: 'conflict', message, path: ['prefix'], part: 'key' });
  }
  checkHeaderNames(value, context);
  checkConnection(value, context);
}

/**
 * Refuses a header that is named twice, or both set and forwarded: the caller's would replace the
 * gateway's.
 */
function checkHeaderNames(value: object, context: { issues: z.core.$ZodRawIssue[] }): void {
  const { headers, forward } = value as { headers?: unknown; forward?: unknown };
  const seen = new Set<string>();
  const note = (name: unknown, path: (string | number)[]): void => {
    if (typeof name !== 'string') return;
    const message = 'this header is named twice: letter case does not count';
    if (seen.has(name.toLowerCase())) complain(context, { code: 'conflict', message, path });
    seen.add(name.toLowerCase());
  };
  for (const name of Object.keys(headers ?? {})) note(name, ['headers', name]);
  const forwarded: readonly unknown[] = Array.isArray(forward) ? forward : [];
  for (const [index, name] of forwarded.entries()) note(name, ['forward', index]);
}

/** `key` is reserved by joins, where it stands beside upstream names. */
const upstreamName = z
  .string()
  .regex(/^(?!key$)[A-Za-z][\w-]{0,63}$/)
  .describe('an upstream name: letters, digits, - and _; not "key"');

export const upstreamsSchema = z
  .record(upstreamName, upstream)
  .refine((upstreams) => Object.keys(upstreams).length > 0, {
    params: { code: 'empty', message: 'name at least one upstream', part: 'key' },
  });

const joinEntry = z.strictObject({
  field: graphqlName,
  argument: graphqlName,
  batch: z.boolean().default(false),
});

const join = z.object({ key: graphqlName }).catchall(joinEntry);

export const joinsSchema = z.record(graphqlName, join);

const coordinate = z
  .string()
  .regex(/^[_A-Za-z]\w*\.[_A-Za-z]\w*$/)
  .describe('a field, such as Employee.manager');

export const linksSchema = z.record(
  coordinate,
  z.strictObject({
    upstream: upstreamName,
    field: graphqlName,
    argument: graphqlName,
    from: graphqlName,
    batch: z.boolean().default(false),
  }),
);
