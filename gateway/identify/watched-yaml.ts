/**
 * The file of API keys or revocations: YAML that must be readable at start, is checked again while
 * in use, and keeps its last good content while it is invalid. It may have 20,000 entries, so
 * reading it yields to other requests.
 */
import type { z } from 'zod';
import { ConfigError, fileProblem } from '../files/config-error.ts';
import { createSource, type Source, type SourceReport } from '../files/file-source.ts';
import type { ReadFile } from '../files/read-file.ts';
import { checkYaml } from '../files/yaml-check.ts';
import { parseYamlInSteps, type YamlSource } from '../files/yaml-source.ts';
import { createPause, type Pause } from '../time/pauses.ts';
import { Stopper } from '../time/stop-signal.ts';

/** A file that identify rereads when it changes. */
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

/** A source of the compiled file; reading throws ConfigError if it is invalid. */
export function createYamlSource<S extends z.ZodType, T>(
  about: WatchedFile & {
    readonly name: string;
    readonly schema: S;
    readonly compile: (written: z.output<S>, source: YamlSource, pause: Pause) => T | Promise<T>;
  },
  tools: FileTools,
): Source<T> {
  const { schema, compile, ...rest } = about;
  const parse = async (bytes: Buffer, file: string): Promise<T> => {
    const pause = createPause(new Stopper());
    const source = await parseYamlInSteps(decode(bytes, file), { file });
    await pause();
    const written = checkYaml(source, schema);
    await pause();
    return compile(written, source, pause);
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
