/**
 * Access policies as the property test writes them: the shape of a rule file's rules, and the
 * callers they are decided for.
 */
export type Condition =
  | 'everyone'
  | 'authenticated'
  | {
      scopes?: string[];
      roles?: string[];
      claims?: Record<string, string[]>;
      any?: Condition[];
      all?: Condition[];
      /** In the comparison of engines alone: what it says is not judged. */
      when?: string;
    };

export type Outcome = 'deny' | 'reject' | 'drop' | { mask: 'last4' | 'redact'; allow: Condition };

export interface Rule {
  name: string;
  fields?: Record<string, string[]>;
  types?: string[];
  allow?: Condition;
  require?: Condition;
  forbid?: true;
  class?: string;
  otherwise?: Outcome[];
  /** In the comparison of engines alone. */
  object?: string;
}

export interface PolicyCaller {
  scopes: string[];
  roles: string[];
  claims: Record<string, string>;
}

/** `undefined` is the anonymous caller. */
export type AnyCaller = PolicyCaller | undefined;

export const scopes = ['s0', 's1', 's2', 's3'];
export const roles = ['r0', 'r1'];
export const departments = ['hr', 'legal', 'ops'];
