/**
 * Expands `${NAME}` and `${NAME:-default}` in a text from a given environment.
 *
 * Values are not expanded again, and the text was parsed as YAML before, so a value can add neither
 * keys nor references. As in a shell, the default replaces an unset or empty variable.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ExpandedText {
  readonly text: string;
  /** Variables that are unset and have no default. */
  readonly missing: readonly string[];
  /** Whether the text holds a `${` that is not a valid reference. */
  readonly malformed: boolean;
  /** Whether the whole text is one reference. */
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
