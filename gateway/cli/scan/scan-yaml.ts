/** Formats proposed classes as a file for policies/access. */
import { Document } from 'yaml';
import { asFlow } from '../yaml-flow.ts';

export interface ProposedRule {
  readonly name: string;
  readonly class: string;
  readonly access: 'listed' | 'unlisted' | 'with-field';
  /** Field names by type. */
  readonly fields: Map<string, string[]>;
}

const style = { lineWidth: 100, flowCollectionPadding: true } as const;

/** A complete file with `version` and `rules`. Names are GraphQL names and need no quotes. */
export function toScanYaml(
  rules: readonly ProposedRule[],
  about: {
    readonly closing: readonly string[];
    readonly filters: readonly string[];
    readonly shadows: readonly string[];
  },
): string {
  const document = new Document({
    version: 1,
    rules: rules.map(({ name, class: label, access, fields }) => ({
      name,
      class: label,
      fields: Object.fromEntries(fields),
      ...(access === 'unlisted' && { otherwise: ['hide'] }),
      ...(access === 'with-field' && { allow: 'everyone' }),
    })),
  });
  for (const [index, { fields, access }] of rules.entries()) {
    for (const type of fields.keys()) asFlow(document, ['rules', index, 'fields', type]);
    if (access === 'unlisted') asFlow(document, ['rules', index, 'otherwise']);
  }
  return [
    '# Made by `fieldgate scan` from names, formats and descriptions: read it as a proposal.\n',
    '# A class alone grants nothing: who has a field by its name keeps it.\n',
    ...(rules.some(({ access }) => access === 'unlisted')
      ? ['# What no rule lists stays hidden: `unlisted`.\n']
      : []),
    ...(rules.some(({ access }) => access === 'with-field')
      ? ['# Arguments of writes go with their field as before, whoever has that: `with-field`.\n']
      : []),
    toComment(
      'Granted by wildcards, types or interfaces alone, which do not reach what has a class: closed by this until a rule names them',
      about.closing,
    ),
    toComment(
      'Not in this file: filters without a rule of their own. A rule that names one decides alone who may use it, so write it yourself, with a class and an `allow`',
      about.filters,
    ),
    toComment(
      'Rules in shadow mode that do not load beside it, since what has a class is not left open: end these first',
      about.shadows,
    ),
    document.toString(style),
  ].join('');
}

function toComment(title: string, coordinates: readonly string[]): string {
  if (coordinates.length === 0) return '';
  return `# ${title}:\n${coordinates.map((one) => `#   ${one}\n`).join('')}`;
}
