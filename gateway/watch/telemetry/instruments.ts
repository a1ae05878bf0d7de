/**
 * Our own counters and histograms, since every request counts: the SDK's instruments hash an
 * attribute object each time (decisions/0008). The SDK reads these when it exports.
 *
 * Attribute sets are bounded per instrument: new sets past the bound are counted under `_OTHER`, so
 * that no caller, schema or policy can make a metric grow without end.
 */
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

export interface InstrumentOptions {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** Names of the attributes, in the order in which values are given. */
  readonly attributes: readonly string[];
  /** Default 500. */
  readonly seriesMax?: number;
}

export interface Collected {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

export const otherValue = '_OTHER';
const seriesMaxDefault = 500;
/** Attributes whose values are integers. */
const integers = new Set(['http.response.status_code', 'server.port']);

/** One attribute set and what was counted for it. */
interface Series<T> {
  readonly attributes: Attributes;
  readonly state: T;
}

/** Attribute sets by their first value, then by their second, and so on. */
interface Branch<T> {
  next?: Map<string, Branch<T>>;
  series?: Series<T>;
}

class SeriesTable<T> {
  readonly #root: Branch<T> = {};
  readonly all = new Map<string, Series<T>>();
  readonly #options: InstrumentOptions;
  readonly #newState: () => T;

  constructor(options: InstrumentOptions, newState: () => T) {
    this.#options = options;
    this.#newState = newState;
  }

  /** '' as a value leaves the attribute out. */
  of(values: readonly string[]): T {
    // Level by level: a joined key would be hashed anew each time.
    let branch: Branch<T> | undefined = this.#root;
    for (const value of values) branch = branch?.next?.get(value);
    if (branch?.series !== undefined) return branch.series.state;
    const key = values.length === 1 ? (values[0] ?? '') : values.join('\0');
    const series = this.all.get(key) ?? this.#add(key, values);
    if (series !== this.all.get(otherValue)) this.#grow(values).series = series;
    return series.state;
  }

  #grow(values: readonly string[]): Branch<T> {
    let branch = this.#root;
    for (const value of values) {
      branch.next ??= new Map();
      const next = branch.next.get(value) ?? {};
      branch.next.set(value, next);
      branch = next;
    }
    return branch;
  }

  #add(key: string, values: readonly string[]): Series<T> {
    const { attributes, seriesMax = seriesMaxDefault } = this.#options;
    if (this.all.size < seriesMax) return this.#put(key, toAttributes(attributes, values));
    const overflow = this.all.get(otherValue);
    if (overflow !== undefined) return overflow;
    return this.#put(otherValue, Object.fromEntries(attributes.map((name) => [name, otherValue])));
  }

  #put(key: string, attributes: Attributes): Series<T> {
    const series = { attributes, state: this.#newState() };
    this.all.set(key, series);
    return series;
  }
}

/** Without attributes it begins at 0: Prometheus sees no increase in a series that begins at 1. */
export class Counter {
  readonly #options: InstrumentOptions;
  readonly #table: SeriesTable<{ value: number }>;

  constructor(options: InstrumentOptions) {
    this.#options = options;
    this.#table = new SeriesTable(options, () => ({ value: 0 }));
    if (options.attributes.length === 0) this.add(0);
  }

  add(amount: number, values: readonly string[] = []): void {
    this.#table.of(values).value += amount;
  }

  collect(times: Collected): MetricData {
    return {
      descriptor: toDescriptor(this.#options, 'int'),
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: [...this.#table.all.values()].map(({ attributes, state }) => ({
        ...times,
        attributes,
        value: state.value,
      })),
    };
  }
}

export class Histogram {
  readonly #options: InstrumentOptions;
  readonly #boundaries: number[];
  readonly #table: SeriesTable<{ counts: number[]; sum: number; count: number }>;

  /** @param boundaries upper bounds, inclusive, ascending */
  constructor(options: InstrumentOptions, boundaries: readonly number[]) {
    this.#options = options;
    this.#boundaries = [...boundaries];
    this.#table = new SeriesTable(options, () => ({
      counts: new Array<number>(boundaries.length + 1).fill(0),
      sum: 0,
      count: 0,
    }));
  }

  record(value: number, values: readonly string[] = []): void {
    const state = this.#table.of(values);
    const bounds = this.#boundaries;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1;
    state.counts[bucket] = (state.counts[bucket] ?? 0) + 1;
    state.sum += value;
    state.count += 1;
  }

  collect(times: Collected): MetricData {
    const boundaries = this.#boundaries;
    return {
      descriptor: toDescriptor(this.#options, 'double'),
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: [...this.#table.all.values()].map(({ attributes, state }) => ({
        ...times,
        attributes,
        value: {
          buckets: { boundaries, counts: [...state.counts] },
          sum: state.sum,
          count: state.count,
        },
      })),
    };
  }
}

export function toDescriptor(
  { name, description, unit }: Pick<InstrumentOptions, 'name' | 'description' | 'unit'>,
  type: 'int' | 'double',
): MetricData['descriptor'] {
  return { name, description, unit, valueType: type === 'int' ? ValueType.INT : ValueType.DOUBLE };
}

function toAttributes(names: readonly string[], values: readonly string[]): Attributes {
  const attributes: Attributes = {};
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? '';
    if (value !== '') attributes[name] = integers.has(name) ? Number(value) : value;
  }
  return attributes;
}
