/** Reads the arguments of a REST call back from its path and query, as text. */
import type {
  QueryStyle,
  RestArgument,
  RestOperation,
} from '../../delegate/openapi/call/rest-operation.ts';

/** By argument name: a text, or a list for a query parameter with several values. */
export function readRestArguments(
  operation: RestOperation,
  path: string,
): Record<string, string | string[]> {
  const [plain = '', query = ''] = path.split('?', 2);
  return { ...readQuery(operation, query), ...readPath(operation, plain) };
}

function readPath({ path }: RestOperation, sent: string): Record<string, string> {
  const names: string[] = [];
  const toSource = (part: string | RestArgument): string => {
    if (typeof part === 'string') return part.replaceAll(/[^\w/]/g, '\\$&');
    names.push(part.argument);
    return '([^/]*)';
  };
  const found = new RegExp(`^${path.map(toSource).join('')}$`).exec(sent) ?? [];
  return Object.fromEntries(
    names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]),
  );
}

function isObjectStyle(style: QueryStyle): style is 'deep' | 'nested' | 'spread' {
  return style === 'deep' || style === 'nested' || style === 'spread';
}

const separators = { comma: ',', space: ' ', pipe: '|' };

function readQuery(operation: RestOperation, sent: string): Record<string, string | string[]> {
  const parameters = new URLSearchParams(sent);
  const read: Record<string, string | string[]> = {};
  for (const { argument, wire, style } of operation.query) {
    const values = parameters.getAll(wire);
    const [first] = values;
    if (first === undefined || isObjectStyle(style)) continue;
    if (style === 'one') read[argument] = first;
    else if (style === 'repeat') read[argument] = values;
    else read[argument] = first.split(separators[style]);
  }
  return read;
}
