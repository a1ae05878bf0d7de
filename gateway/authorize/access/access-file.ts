/**
 * Reads policies/access/*.yaml into rules that know their place in the files. The compiler gives
 * rules their meaning; here a file is either understood to the last key or refused.
 */
import type { z } from 'zod';
import { type Condition, ofEach, partsOf } from '../../conditions/condition.ts';
import { type NamePlaces, placedParts } from '../../conditions/condition-places.ts';
import { readWrittenObject, type WrittenObject } from '../../conditions/object-read.ts';
import type { Expression } from '../../conditions/when/expression.ts';
import { deepFreeze } from '../../deep-freeze.ts';
import { ConfigError, fileProblem, type Path, type Problem } from '../../files/config-error.ts';
import { listPolicyFiles } from '../../files/policy-folder.ts';
import type { SourceLocation } from '../../files/source-location.ts';
import { checkYaml } from '../../files/yaml-check.ts';
import { readYaml, type YamlSource } from '../../files/yaml-source.ts';
import type { Shadow } from '../../shadow.ts';
import type { Mask, Outcome } from './access-otherwise.ts';
import { accessSchema, pinnedPattern } from './access-schema.ts';

export interface RuleField {
  readonly type: string;
  /** A field, input field or enum value; `*`; or `employees(ssn:)` for an argument. */
  readonly name: string;
  readonly source: SourceLocation;
}

/** An argument whose value is a claim of the caller. */
export interface RulePin {
  readonly type: string;
  readonly field: string;
  /** With a path if it is inside an input object. */
  readonly argument: string;
  /** The claim's path. */
  readonly claim: readonly string[];
  readonly source: SourceLocation;
}

export interface Otherwise {
  readonly masks: readonly {
    readonly mask: Mask;
    readonly allow: Condition;
    readonly source: SourceLocation;
  }[];
  readonly outcome: Outcome;
  readonly source: SourceLocation;
}

export interface AccessRule {
  readonly name: string;
  readonly source: SourceLocation;
  readonly classes: readonly string[];
  readonly fields: readonly RuleField[];
  readonly types: readonly { readonly name: string; readonly source: SourceLocation }[];
  readonly pins: readonly RulePin[];
  readonly allow: Condition | undefined;
  readonly require: Condition | undefined;
  readonly forbid: boolean;
  readonly otherwise: Otherwise | undefined;
  /** In shadow mode, and where the rule says so; absent if the rule is in force. */
  readonly shadow?: Shadow & { readonly source: SourceLocation };
  /** The object that the named mutations are about, read before them. */
  readonly object?: { readonly read: WrittenObject; readonly source: SourceLocation };
  /** Places of the rule's expressions. */
  readonly whens?: ReadonlyMap<Expression, SourceLocation>;
  /** Places of the network lists and the countries in its conditions. */
  readonly names?: NamePlaces;
}

/**
 * The rules of `access/` under a policies directory, by file name and then in order. Throws
 * ConfigError with the problems of all files; a missing folder is a problem too.
 */
export async function loadAccessRules(directory: string): Promise<readonly AccessRule[]> {
  const files = await listPolicyFiles(directory, 'access');
  if (files === undefined) {
    const message = 'there is no folder "access": without rules nothing is granted';
    throw new ConfigError([fileProblem(directory, 'file-missing', message)]);
  }
  const rules: AccessRule[] = [];
  const problems: Problem[] = [];
  for (const file of files) {
    try {
      rules.push(...toRules(await readYaml(file)));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  problems.push(...repeatedNames(rules));
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(rules);
}

/** The rules of one parsed file; throws ConfigError. */
export function toRules(source: YamlSource): readonly AccessRule[] {
  const { rules } = checkYaml(source, accessSchema);
  return rules.map((rule, index) => toRule(rule, source, ['rules', index]));
}

function toRule(
  written: z.output<typeof accessSchema>['rules'][number],
  source: YamlSource,
  path: Path,
): AccessRule {
  const at = (...steps: Path): SourceLocation => ({
    file: source.file,
    ...source.at([...path, ...steps]),
  });
  const { otherwise, fields = {}, types = [], pin = {} } = written;
  const whens = [
    ...expressionsIn(written.allow).map((one) => [one, at('allow', ...one.path)] as const),
    ...expressionsIn(written.require).map((one) => [one, at('require', ...one.path)] as const),
    ...(otherwise?.masks ?? [])
      .flatMap(({ allow }) => expressionsIn(allow))
      .map((one) => [one, at('otherwise', ...one.path)] as const),
  ];
  const names = [
    ...placedParts(written.allow, (path) => at('allow', ...path)),
    ...placedParts(written.require, (path) => at('require', ...path)),
    ...(otherwise?.masks ?? []).flatMap(({ allow }) =>
      placedParts(allow, (path) => at('otherwise', ...path)),
    ),
  ];
  return {
    name: written.name,
    source: at(),
    classes: written.class === undefined ? [] : [written.class].flat(),
    fields: Object.entries(fields).flatMap(([type, names]) =>
      names.map((name, index) => ({ type, name, source: at('fields', type, index) })),
    ),
    types: types.map((name, index) => ({ name, source: at('types', index) })),
    pins: Object.entries(pin).map(([coordinate, claim]) => {
      const place = source.at([...path, 'pin', coordinate], 'key');
      return toPin(coordinate, claim, { file: source.file, ...place });
    }),
    allow: written.allow,
    require: written.require && types.length > 0 ? ofEach(written.require) : written.require,
    forbid: written.forbid ?? false,
    otherwise: otherwise && {
      masks: otherwise.masks.map(({ index, ...mask }) => ({
        ...mask,
        source: at('otherwise', index),
      })),
      outcome: otherwise.outcome,
      source: at('otherwise'),
    },
    ...(written.shadow && { shadow: { ...written.shadow, source: at('shadow') } }),
    ...(written.object !== undefined && {
      object: { read: readWrittenObject(written.object), source: at('object') },
    }),
    ...(whens.length > 0 && { whens: new Map(whens) }),
    ...(names.length > 0 && { names: new Map(names) }),
  };
}

/** The schema has checked the form of both. */
function toPin(coordinate: string, claim: string, source: SourceLocation): RulePin {
  const [, type = '', field = '', argument = ''] = pinnedPattern.exec(coordinate) ?? [];
  const [, ...path] = claim.split('.');
  return { type, field, argument, claim: path, source };
}

/** In the order of writing. */
export function expressionsIn(condition: Condition | undefined): Expression[] {
  const parts = condition === undefined ? [] : [...partsOf(condition)];
  return parts.flatMap((part) => (part.kind === 'when' ? [part.expression] : []));
}

function repeatedNames(rules: readonly AccessRule[]): Problem[] {
  const first = new Map<string, AccessRule>();
  const problems: Problem[] = [];
  for (const rule of rules) {
    const other = first.get(rule.name);
    if (other === undefined) first.set(rule.name, rule);
    else {
      const { file, line } = other.source;
      const message = `the rule name "${rule.name}" is taken by ${file}:${line}`;
      problems.push({ ...rule.source, path: rule.name, code: 'duplicate-name', message });
    }
  }
  return problems;
}
