/**
 * Turns parsed YAML nodes into plain data and refuses what could make a file mean something else
 * than it seems to: anchors (one edit, many places; alias bombs), tags, `__proto__`, numbers that
 * lose digits. Environment references are expanded here, in values only.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { Path, ProblemCode } from './config-error.ts';
import { type Environment, expandText } from './environment-text.ts';

export interface ValueReader {
  /** If undefined, references are ordinary text. */
  readonly env: Environment | undefined;
  /** Reports a problem of the node at `path`, at an offset in the text. */
  readonly report: (problem: {
    path: Path;
    offset: number;
    code: ProblemCode;
    message: string;
  }) => void;
  /** Receives the paths of values that are a single reference: they have no type of their own. */
  readonly untyped: (path: Path) => void;
  readonly text: string;
}

/** Limits nesting, which could exhaust the stack. */
const depthMax = 64;

/** Returns the plain value of a node; a refused node is reported and reads as undefined. */
export function toPlain(node: unknown, path: Path, reader: ValueReader): unknown {
  if (node === null || node === undefined) return null;
  const offset = (node as Node).range?.[0] ?? 0;
  const refuse = (code: ProblemCode, message: string): undefined => {
    reader.report({ path, offset, code, message });
    return undefined;
  };
  if (path.length > depthMax) return refuse('too-deep', `nested more than ${depthMax} levels deep`);
  if (isAlias(node) || (node as Scalar).anchor !== undefined) {
    return refuse('anchor', 'anchors and aliases are refused: write the value out');
  }
  if ((node as Scalar).tag !== undefined) {
    return refuse('tag', 'tags are refused: quote a value to make it text');
  }
  if (isMap(node)) return toObject(node, path, reader);
  if (isSeq(node)) return node.items.map((item, index) => toPlain(item, [...path, index], reader));
  if (!isScalar(node)) return refuse('yaml-syntax', 'not a YAML value');
  if (typeof node.value === 'string') return toText(node, path, reader);
  if (typeof node.value === 'number' && !isExact(node)) {
    return refuse('unsafe-number', 'this number would lose digits: quote it to keep it as text');
  }
  return node.value;
}

function toObject(map: YAMLMap, path: Path, reader: ValueReader): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  const keys = new Set<string>();
  for (const pair of map.items) {
    const key = pair.key as Scalar<string>;
    const at = [...path, key.value];
    if (keys.has(key.value)) {
      const message = 'this key stands here twice: keep one';
      reader.report({ path: at, offset: key.range?.[0] ?? 0, code: 'duplicate-key', message });
    }
    keys.add(key.value);
    // An own `__proto__` survives here, but later readers could silently drop it.
    if (key.value === '__proto__') {
      const message = '"__proto__" cannot be a key';
      reader.report({ path: at, offset: key.range?.[0] ?? 0, code: 'reserved-key', message });
    } else object[key.value] = toPlain(pair.value, at, reader);
  }
  return object;
}

/** Whether the number equals its digits; `007` and 2 ** 53 + 1 do not. */
function isExact(node: Scalar): boolean {
  const value = node.value as number;
  if (!Number.isFinite(value) || /^[-+]?0\d/.test(node.source ?? '')) return false;
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

function toText(node: Scalar, path: Path, reader: ValueReader): string | undefined {
  const text = node.value as string;
  if (reader.env === undefined || !text.includes('${')) return text;
  const expanded = expandText(text, reader.env);
  const [start = 0, end = start] = node.range ?? [];
  const written = reader.text.slice(start, end);
  const offsetOf = (part: string) => start + Math.max(0, written.indexOf(part));
  for (const name of new Set(expanded.missing)) {
    const message = `the environment variable ${name} is not set: set it, or give a default as \${${name}:-value}`;
    reader.report({ path, offset: offsetOf(`\${${name}}`), code: 'missing-variable', message });
  }
  if (expanded.malformed) {
    const message = `write a variable as \${NAME} or \${NAME:-default}`;
    reader.report({ path, offset: offsetOf('${'), code: 'bad-variable', message });
  }
  if (expanded.missing.length > 0 || expanded.malformed) return undefined;
  if (expanded.whole) reader.untyped(path);
  return expanded.text;
}
