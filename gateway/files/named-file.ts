/** Reports a missing file at the line that names it, because that is where it is put right. */
import { ConfigError, formatPath, type Path } from './config-error.ts';
import type { SourceLocation } from './source-location.ts';
import type { YamlSource } from './yaml-source.ts';

/** Where a file names another. */
export interface NamedAt extends SourceLocation {
  /** `lists.blocked.file` */
  readonly path: string;
}

export const namedAt = (source: YamlSource, path: Path): NamedAt => ({
  file: source.file,
  ...source.at(path),
  path: formatPath(path),
});

/** Runs `read`; a ConfigError that `file` itself is missing gets the place that names it. */
export async function atItsName<Value>(
  { file, named }: { readonly file: string; readonly named?: NamedAt | undefined },
  read: () => Promise<Value>,
): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ConfigError) || named === undefined) throw error;
    throw new ConfigError(
      error.problems.map((problem) =>
        problem.file === file && problem.code === 'file-missing'
          ? { ...problem, ...named, message: `${file}: ${problem.message}` }
          : problem,
      ),
    );
  }
}
