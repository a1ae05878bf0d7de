/**
 * Reads one YAML file strictly and remembers positions, so that every later stage can report file,
 * line and column.
 *
 * Accepts one document of YAML 1.2, at most one mebibyte, with unique keys and without anchors,
 * tags or directives. Invalid YAML throws at once; valid but refused content is collected, so that
 * all problems of a file are reported together (see yaml-check.ts).
 */
import { readFile, stat } from 'node:fs/promises';
import {
  type CST,
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  YAMLParseError,
} from 'yaml';
import { createPause } from '../time/pauses.ts';
import { Stopper } from '../time/stop-signal.ts';
import {
  ConfigError,
  fileProblem,
  formatPath,
  type Path,
  type Problem,
  type ProblemCode,
} from './config-error.ts';
import type { Environment } from './environment-text.ts';
import { systemCode } from './system-error.ts';
import { composeInSteps, toComposer, toPlainInSteps, toTokens } from './yaml-steps.ts';
import { toPlain, type ValueReader } from './yaml-value.ts';

/** The part of a map entry that a position refers to. */
export type Part = 'key' | 'value';

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface YamlSource {
  readonly file: string;
  /** Plain data; refused nodes read as undefined. */
  readonly value: unknown;
  /** Problems found so far. */
  readonly problems: readonly Problem[];
  /** Paths of values that are a single `${NAME}`: text that may stand for a number. */
  readonly untyped: readonly Path[];
  /** The position of a node; if there is no such node, of its nearest existing ancestor. */
  at(path: Path, part?: Part): Position;
  /** Creates a problem at a node. */
  problem(about: { path: Path; part?: Part; code: ProblemCode; message: string }): Problem;
}

/** Of a YAML file, and of a manifest of documents, which is read like one. */
export const fileBytesMax = 1_048_576;

/** Reads a file; throws ConfigError if it is missing, too large, not UTF-8 or not YAML. */
export async function readYaml(
  file: string,
  options: { env?: Environment } = {},
): Promise<YamlSource> {
  return parseYamlInSteps(await readText(file), { file, ...options });
}

async function readText(file: string): Promise<string> {
  try {
    const found = await stat(file);
    // Reading a pipe would wait for its writer.
    if (!found.isFile()) {
      throw new ConfigError([fileProblem(file, 'file-missing', 'this is no file')]);
    }
    if (found.size > fileBytesMax) {
      throw new ConfigError([
        fileProblem(file, 'file-too-large', `larger than ${fileBytesMax} bytes`),
      ]);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof TypeError) {
      throw new ConfigError([fileProblem(file, 'file-encoding', 'the file is not UTF-8 text')]);
    }
    throw new ConfigError([
      fileProblem(file, 'file-missing', `cannot read the file (${systemCode(error)})`),
    ]);
  }
}

interface About {
  readonly file: string;
  readonly env?: Environment | undefined;
}

/** Parses a text; throws ConfigError if it is not YAML. */
export function parseYaml(text: string, about: About): YamlSource {
  const lineCounter = new LineCounter();
  const tokens = new Parser(lineCounter.addNewLine).parse(text);
  const draft = toDraft(compose(tokens, text), { ...about, text, lineCounter });
  return toSource(draft, toPlain(draft.document.contents, [], draft.reader));
}

/** Like `parseYaml`, but yields to the event loop: ten thousand rules take most of a second. */
export async function parseYamlInSteps(text: string, about: About): Promise<YamlSource> {
  const lineCounter = new LineCounter();
  const pause = createPause(new Stopper());
  const tokens = await toTokens(text, lineCounter, pause);
  const document = await composeInSteps(tokens, (all) => compose(all, text), pause);
  const draft = toDraft(document, { ...about, text, lineCounter });
  return toSource(draft, await toPlainInSteps(document, draft.reader, pause));
}

function compose(tokens: Iterable<CST.Token>, text: string): Document.Parsed {
  const [document, other] = toComposer().compose(tokens, true, text.length);
  if (document === undefined) throw new Error('a text without a document');
  if (other !== undefined) {
    const [from, to] = other.range;
    document.errors.push(new YAMLParseError([from, to], 'MULTIPLE_DOCS', ''));
  }
  return document;
}

interface YamlDraft {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly position: (offset: number) => Position;
  readonly problems: Problem[];
  readonly untyped: Path[];
  readonly reader: ValueReader;
}

/** Prepares a document for reading its values; throws ConfigError if it is not valid YAML. */
function toDraft(
  document: Document.Parsed,
  { file, env, text, lineCounter }: About & { text: string; lineCounter: LineCounter },
): YamlDraft {
  const position = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = documentProblems(document).map(
    ({ offset, code, message }): Problem => ({
      file,
      ...position(offset),
      path: '',
      code,
      message,
    }),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  const untyped: Path[] = [];
  const reader: ValueReader = {
    env,
    text,
    untyped: (path) => untyped.push(path),
    report: ({ path, offset, code, message }) => {
      problems.push({ file, ...position(offset), path: formatPath(path), code, message });
    },
  };
  return { file, document, position, problems, untyped, reader };
}

function toSource(
  { file, document, position, problems, untyped }: YamlDraft,
  value: unknown,
): YamlSource {
  const at = (path: Path, part: Part = 'value') => position(offsetOf(document, path, part));
  return {
    file,
    value,
    problems,
    untyped,
    at,
    problem: ({ path, part, code, message }) => ({
      file,
      ...at(path, part),
      path: formatPath(path),
      code,
      message,
    }),
  };
}

interface DocumentProblem {
  offset: number;
  code: ProblemCode;
  message: string;
}

function documentProblems(document: Document.Parsed): DocumentProblem[] {
  const found: DocumentProblem[] = [];
  // Only the first syntax error is reported: later ones follow from it and point at sound lines.
  const [slip] = document.errors;
  if (slip !== undefined) {
    found.push({ offset: slip.pos[0], code: 'yaml-syntax', message: syntaxMessage(slip) });
  }
  const directive = document.directives;
  // YAML 1.1 reads `no` as false and has merge keys, which would change the meaning of the text.
  if (directive.yaml.explicit && directive.yaml.version !== '1.2') {
    found.push({ offset: 0, code: 'directive', message: 'only YAML 1.2 is read' });
  }
  return found;
}

/** Omits the parser's quotation of the file, which may hold a secret. */
function syntaxMessage({ code, message }: { code: string; message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'one YAML document per file';
  if (code === 'RESOURCE_EXHAUSTION') return 'not YAML: nested too deeply';
  return `not YAML: ${message.replace(/: ".*$/s, '')}${syntaxHint(code, message)}`;
}

function syntaxHint(code: string, message: string): string {
  if (message.includes('flow-map-start')) return `: inside { } and [ ], quote "\${NAME}"`;
  // For example `object: Query.employee(id: args.id)`, or a key that stands too far to the right.
  return code === 'BLOCK_AS_IMPLICIT_KEY'
    ? ': quote a text with a colon and a blank in it, or mend the indentation of the next line'
    : '';
}

function offsetOf(document: Document.Parsed, path: Path, part: Part): number {
  let node: unknown = document.contents;
  let keyOffset = start(node) ?? 0;
  let valueOffset = keyOffset;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
      if (pair === undefined) return keyOffset;
      keyOffset = start(pair.key) ?? keyOffset;
      valueOffset = start(pair.value) ?? keyOffset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
      node = node.items[step];
      valueOffset = start(node) ?? valueOffset;
      keyOffset = valueOffset;
    } else return keyOffset;
  }
  return part === 'key' ? keyOffset : valueOffset;
}

/** The offset of a node; undefined for an omitted value. */
function start(node: unknown): number | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range == null || (isScalar(node) && range[0] === range[1]) ? undefined : range[0];
}
