/**
 * A strict reader of the Prometheus text format 0.0.4: what `promtool check metrics` would refuse
 * is refused here too.
 */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (NaN|[+-]?Inf|[+-]?[\d.]+(?:e[+-]?\d+)?)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(,|$)/y;

/** Throws at the first line that breaks the format. */
export function parsePrometheusText(text: string): Sample[] {
  const types = new Map<string, string>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.slice(0, -1).split('\n')) {
    if (line.startsWith('#')) readComment(line, types);
    else if (line !== '') samples.push(readSample(line, types, seen));
  }
  return samples;
}

function readComment(line: string, types: Map<string, string>): void {
  const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
  if (keyword === undefined) throw new Error(`not a comment: ${line}`);
  if (keyword !== 'TYPE') return;
  if (types.has(name)) throw new Error(`a second TYPE of ${name}`);
  if (!/^(?:counter|gauge|histogram)$/.test(rest)) throw new Error(`TYPE ${rest} of ${name}`);
  types.set(name, rest);
}

function readSample(line: string, types: ReadonlyMap<string, string>, seen: Set<string>): Sample {
  const sample = parseSample(line);
  const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
  if (seen.has(key)) throw new Error(`twice: ${line}`);
  seen.add(key);
  if (!isDeclared(sample.name, types)) throw new Error(`without a TYPE: ${line}`);
  return sample;
}

function parseSample(line: string): Sample {
  const [, name = '', inner = '', value = ''] = sampleLine.exec(line) ?? [];
  if (name === '') throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < inner.length) {
    const [, key, written] = label.exec(inner) ?? [];
    if (key === undefined || written === undefined) throw new Error(`bad labels: ${line}`);
    if (Object.hasOwn(labels, key)) throw new Error(`label ${key} twice: ${line}`);
    labels[key] = written;
  }
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function isDeclared(name: string, types: ReadonlyMap<string, string>): boolean {
  if (types.get(name) === 'counter') return name.endsWith('_total');
  if (types.has(name)) return types.get(name) === 'gauge';
  return types.get(name.replace(/_(?:bucket|sum|count)$/, '')) === 'histogram';
}
