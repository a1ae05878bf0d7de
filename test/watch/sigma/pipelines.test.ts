/**
 * The pipelines give the rules' fields the names under which the shipped configurations of the
 * Collector store them: those that the forwarder sends, renamed as elastic.yaml renames them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { eachFact, type LooseEvent } from '../../../gateway/watch/forward/line-attributes.ts';
import { fieldsOf } from '../../support/sigma/rule-fields.ts';
import { loadSigmaRules, sigmaFolder } from '../../support/sigma/sigma-document.ts';

const load = (file: string) => parse(readFileSync(join(sigmaFolder, file), 'utf8'));
const splunk = load('pipelines/fieldgate_splunk.yml');
const ecs = load('pipelines/fieldgate_ecs.yml');
const elastic = load('../collector/elastic.yaml');
const fields = [...new Set(loadSigmaRules().flatMap(fieldsOf))].sort();

interface Step {
  readonly id: string;
  readonly type: string;
  readonly mapping?: Readonly<Record<string, string>>;
  readonly rule_conditions: readonly unknown[];
}

const mappingOf = (pipeline: { transformations: Step[] }, id: string) => {
  const step = pipeline.transformations.find((one) => one.id === id);
  if (step?.mapping === undefined) throw new Error(`no mapping ${id}`);
  return step.mapping;
};

/** What the forwarder sends of an event that has one value, at a path. */
function sentAs(path: string, value: unknown): Record<string, unknown> {
  const event: LooseEvent = path
    .split('.')
    .reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as LooseEvent;
  const sent: Record<string, unknown> = {};
  eachFact(event, (name, one) => {
    sent[name] = one;
  });
  return sent;
}

const markOf = (field: string): unknown => (field.endsWith('.count') ? 12 : 'mark');

const delivered = [
  { classes: ['pay'], count: 3 },
  { classes: ['pay', 'id'], count: 4 },
];
const flatOf = (field: string) =>
  field === 'unmapped.gateway.delivered.count'
    ? sentAs('unmapped.gateway.delivered', delivered)
    : sentAs(field, markOf(field));

/** Attributes as elastic.yaml leaves them, of those that the forwarder sends. */
function inElastic(sent: Record<string, unknown>): Record<string, unknown> {
  const stored = { ...sent };
  for (const statement of elastic.processors['transform/ecs'].log_statements[0].statements) {
    const [, to, from] =
      /^set\(log\.attributes\["([\w.]+)"\], log\.attributes\["([\w.]+)"\]\)$/.exec(statement) ?? [];
    if (to !== undefined && from !== undefined && from in stored) stored[to] = stored[from];
    const [, gone] = /^delete_key\(log\.attributes, "([\w.]+)"\)$/.exec(statement) ?? [];
    if (gone !== undefined) delete stored[gone];
  }
  return stored;
}

const wanted = (field: string): unknown => (field.endsWith('delivered.count') ? 7 : markOf(field));

describe('in Elastic', () => {
  const attributes = mappingOf(ecs, 'fieldgate_attributes');

  it('each field of a rule has one name, and no other has', () => {
    expect(Object.keys(attributes).sort()).toEqual(fields);
  });

  it.each(Object.entries(attributes))('%s is stored as %s', (field, name) => {
    expect(inElastic(flatOf(field))[name]).toBe(wanted(field));
  });

  it('rules look at the index that is written', () => {
    const state = ecs.transformations.find(({ type }: Step) => type === 'set_state');
    expect(state).toMatchObject({ key: 'index', val: elastic.exporters.elasticsearch.logs_index });
  });
});

describe('in Splunk', () => {
  const collected = load('../collector/splunk.yaml').exporters.splunk_hec;

  it('only what is a sum elsewhere has another name than in the line', () => {
    const mapping = mappingOf(splunk, 'fieldgate_attributes');
    expect(Object.keys(mapping)).toEqual(['unmapped.gateway.delivered.count']);
    for (const [field, name] of Object.entries(mapping)) {
      expect(flatOf(field)[name]).toBe(wanted(field));
    }
  });

  it('no field that is left as it is stands in a list, where Splunk would name it otherwise', () => {
    expect(
      fields.filter((field) => /\.(?:delivered|upstreams|subjects|addresses|rates)\./.test(field)),
    ).toEqual(['unmapped.gateway.delivered.count']);
  });

  it('rules look at the index and source type that are written', () => {
    const added = splunk.transformations.find(({ type }: Step) => type === 'add_condition');
    expect(added.conditions).toEqual({ index: collected.index, sourcetype: collected.sourcetype });
  });
});

it.each(fields)('README.md says what %s is called elsewhere', (field) => {
  const readme = readFileSync(join(sigmaFolder, 'README.md'), 'utf8').replaceAll('[].', '.');
  const row = readme.split('\n').find((line) => line.startsWith(`| \`${field}\``)) ?? '';
  const [, , attribute = '', name = ''] = row.split(' | ').join('|').split('|');
  const sent = Object.keys(flatOf(field)).filter((one) => flatOf(field)[one] === wanted(field));
  expect(attribute).toContain(`\`${sent[0]}\``);
  const mapped = mappingOf(ecs, 'fieldgate_attributes');
  expect(name.replace(/ *$/, '')).toContain(`\`${mapped[field]}\``);
});

describe('pipelines', () => {
  it.each([splunk, ecs])('$name touches rules of this log source alone', ({ transformations }) => {
    const source = { type: 'logsource', product: 'fieldgate', service: 'audit' };
    for (const step of transformations as Step[]) expect(step.rule_conditions).toEqual([source]);
  });
});
