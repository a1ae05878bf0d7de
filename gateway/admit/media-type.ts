/**
 * Parses a media type strictly (RFC 9110, 8.3.1). A lenient parser could take a form that a foreign
 * page may send without a preflight for JSON, so text that does not parse is no media type.
 */
export interface MediaType {
  /** `type/subtype`, lower-case. */
  readonly essence: string;
  /** Names lower-case, values unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

const essence = /[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+/y;
const parameter =
  /[ \t]*;[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)"))?/y;

/** The media type; undefined if the text is none or repeats a parameter. */
export function parseMediaType(text: string): MediaType | undefined {
  const trimmed = text.replace(/^[ \t]+/, '').replace(/(?<![ \t])[ \t]+$/, '');
  essence.lastIndex = 0;
  const kind = essence.exec(trimmed)?.[0];
  if (kind === undefined) return undefined;
  const parameters = new Map<string, string>();
  parameter.lastIndex = kind.length;
  while (parameter.lastIndex < trimmed.length) {
    const match = parameter.exec(trimmed);
    if (!match) return undefined;
    const [, name, token, quoted] = match;
    if (name === undefined) continue;
    const key = name.toLowerCase();
    if (parameters.has(key)) return undefined;
    parameters.set(key, token ?? (quoted ?? '').replace(/\\(.)/gs, '$1'));
  }
  return { essence: kind.toLowerCase(), parameters };
}

/** Whether the charset, if any, is UTF-8: in another one the same bytes are different JSON. */
export function isUtf8(type: MediaType): boolean {
  const charset = type.parameters.get('charset');
  return charset === undefined || charset.toLowerCase() === 'utf-8';
}
