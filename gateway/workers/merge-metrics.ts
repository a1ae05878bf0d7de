/**
 * Merges several Prometheus texts: each sample gets the label `worker`, and a family's samples
 * follow its HELP and TYPE. Counters of different workers are not summed: the scraper can do that,
 * and sees which worker deviates.
 */
export interface WorkerMetrics {
  readonly worker: string;
  readonly text: string;
}

interface Family {
  readonly head: string[];
  readonly samples: string[];
}

/** In the order of `parts`; families in the order of their first occurrence. */
export function mergeMetrics(parts: readonly WorkerMetrics[]): string {
  const families = new Map<string, Family>();
  for (const { worker, text } of parts) {
    let current: Family | undefined;
    let isFirst = false;
    for (const line of text.split('\n')) {
      const comment = /^# (?:HELP|TYPE|UNIT) (\S+)/.exec(line);
      if (comment !== null) {
        const name = comment[1] ?? '';
        isFirst ||= !families.has(name);
        const family: Family = families.get(name) ?? { head: [], samples: [] };
        if (family !== current) isFirst = family.head.length === 0;
        families.set(name, family);
        current = family;
        if (isFirst) family.head.push(line);
      } else if (line !== '' && !line.startsWith('#')) {
        current?.samples.push(labelled(line, worker));
      }
    }
  }
  return [...families.values()]
    .flatMap(({ head, samples }) => [...head, ...samples])
    .map((line) => `${line}\n`)
    .join('');
}

/** `name{a="b"} 1`, `name{} 1` and `name 1` start with a name, without brace or blank. */
function labelled(sample: string, worker: string): string {
  const end = sample.search(/[{ ]/);
  const label = `worker="${worker}"`;
  const name = sample.slice(0, end);
  if (sample[end] !== '{') return `${name}{${label}}${sample.slice(end)}`;
  const others = sample.slice(end + 1);
  return `${name}{${label}${others.startsWith('}') ? '' : ','}${others}`;
}
