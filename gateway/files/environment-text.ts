/**
 * `${NAME}` and `${NAME:-default}` in a text, read from a given environment.
 *
 * What a variable holds is never expanded again, and the text was parsed as YAML before: a value
 * can add neither keys nor references. As in a shell, the default stands in for an unset or empty
 * variable.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ExpandedText {
  readonly text: string;
  /** Variables without value and default. */
  readonly missing: readonly string[];
  /** The text holds a `${` that is no reference. */
  readonly malformed: boolean;
  /** The whole text is one reference. */
  readonly whole: boolean;
}

const reference = /\$\{([A-Za-z_]\w*)(?::-([^{}]*))?\}/g;

/** Expands every reference of `text`. */
export function expandText(text: string, env: Environment): ExpandedText {
  const missing: string[] = [];
  const expanded = text.replace(reference, (_, name: string, fallback: string | undefined) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
    if (value === undefined) missing.push(name);
    return value ?? '';
  });
  const rest = text.replace(reference, '');
  const whole = rest === '' && text.match(reference)?.length === 1;
  return { text: expanded, missing, malformed: rest.includes('${'), whole };
}
