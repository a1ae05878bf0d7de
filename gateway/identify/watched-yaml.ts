/**
 * What API keys and revocations share: a YAML file that is read at start, or nothing starts, looked
 * at again while it is used, and whose last good content stands while it is bad.
 */
import type { z } from 'zod';
import { ConfigError, fileProblem } from '../files/config-error.ts';
import { createSource, type Source, type SourceReport } from '../files/file-source.ts';
import type { ReadFile } from '../files/read-file.ts';
import { checkYaml } from '../files/yaml-check.ts';
import { parseYaml, type YamlSource } from '../files/yaml-source.ts';

/** A file that identify keeps an eye on. */
export interface WatchedFile {
  readonly file: string;
  readonly reloadMs: number;
}

export interface FileTools {
  readonly now: () => number;
  readonly readFile: ReadFile;
  readonly report: (report: SourceReport) => void;
}

const fileBytesMax = 4_194_304;

/** A source of what `compile` makes of the file; reading throws ConfigError where it is wrong. */
export function createYamlSource<S extends z.ZodType, T>(
  about: WatchedFile & {
    readonly name: string;
    readonly schema: S;
    readonly compile: (written: z.output<S>, source: YamlSource) => T;
  },
  tools: FileTools,
): Source<T> {
  const { schema, compile, ...rest } = about;
  const parse = (bytes: Buffer, file: string): T => {
    const source = parseYaml(decode(bytes, file), { file });
    return compile(checkYaml(source, schema), source);
  };
  return createSource({ ...rest, bytesMax: fileBytesMax, isNeeded: true, parse }, tools);
}

function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([fileProblem(file, 'file-encoding', 'the file is not UTF-8 text')]);
  }
}
