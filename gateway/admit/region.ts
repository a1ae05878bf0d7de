/**
 * Country and autonomous system of an address, from a database in MaxMind's format. Country codes
 * are read as in MaxMind's own databases (`country.iso_code`) and as in flat ones (`country_code`).
 *
 * The database is checked when it is opened; if it breaks at a lookup, that lookup throws, and the
 * rule refuses.
 */
import { Reader, type Response } from 'maxmind';
import type { Address } from '../addresses/ip-address.ts';
import { ConfigError, fileProblem } from '../files/config-error.ts';
import { isSpecial } from './region-special.ts';

export interface Region {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string | undefined;
  readonly asn: number | undefined;
}

export interface RegionDatabase {
  /** Special-purpose and unlisted addresses have neither. */
  lookUp(address: Address): Region;
  readonly bytes: number;
}

export const databaseBytesMax = 256 * 1024 * 1024;
/** Decoded records kept: enough for one per country. Further ones are decoded each time. */
const recordsKept = 4_096;

/** Opens a database; throws ConfigError if it is none, broken, or without countries and ASNs. */
export function openRegionDatabase(bytes: Buffer, file: string): RegionDatabase {
  try {
    const reader = new Reader<Response>(bytes, { cache: createRecordCache() });
    const { ipVersion, searchTreeSize, binaryFormatMajorVersion } = reader.metadata;
    const isSound =
      (ipVersion === 4 || ipVersion === 6) &&
      binaryFormatMajorVersion === 2 &&
      searchTreeSize > 0 &&
      searchTreeSize + 16 < bytes.length;
    if (!isSound) throw new TypeError('not sound');
    const lookUp = (address: Address): Region => {
      if (isSpecial(address) || (ipVersion === 4 && address.version === 6)) return nowhere;
      return toRegion(reader.get(address.text));
    };
    probe((text) => toRegion(reader.get(text)));
    return { lookUp, bytes: bytes.length };
  } catch {
    const message = 'this is no sound MaxMind database (.mmdb) of countries or ASNs';
    throw new ConfigError([fileProblem(file, 'wrong-format', message)]);
  }
}

const nowhere: Region = Object.freeze({ country: undefined, asn: undefined });

function toRegion(record: unknown): Region {
  if (record === null) return nowhere;
  const code = read(record, 'country_code') ?? read(read(record, 'country'), 'iso_code');
  const asn = read(record, 'autonomous_system_number') ?? read(record, 'asn');
  return {
    country: typeof code === 'string' && /^[A-Z]{2}$/.test(code) ? code : undefined,
    asn: toAsn(asn),
  };
}

function toAsn(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^(AS)?\d{1,10}$/.test(value) ? digits(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number > 0 ? number : undefined;
}

const digits = (text: string): number => Number(text.replace('AS', ''));

const read = (record: unknown, key: string): unknown =>
  typeof record === 'object' && record !== null && Object.hasOwn(record, key)
    ? (record as Record<string, unknown>)[key]
    : undefined;

/** Samples the address space, to detect a database with a broken tree or broken records. */
function probe(lookUp: (text: string) => Region): void {
  let found = 0;
  for (let high = 1; high < 224; high += 1) {
    for (let low = 0; low < 256; low += 16) {
      const { country, asn } = lookUp(`${high}.${low}.1.1`);
      if (country !== undefined || asn !== undefined) found += 1;
    }
  }
  if (found === 0) throw new TypeError('neither countries nor ASNs');
}

function createRecordCache() {
  const kept = new Map<string | number, unknown>();
  return {
    get: (key: string | number) => kept.get(key),
    set: (key: string | number, value: unknown) => {
      if (kept.size < recordsKept) kept.set(key, value);
    },
  };
}
