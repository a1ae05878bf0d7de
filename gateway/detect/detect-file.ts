/** Reads policies/detect/*.yaml. Names are looked up later, by resolve-detections.ts. */
import { ConfigError, type Path, type Problem, type ProblemCode } from '../files/config-error.ts';
import { listPolicyFiles } from '../files/policy-folder.ts';
import { checkYaml } from '../files/yaml-check.ts';
import { readYaml, type YamlSource } from '../files/yaml-source.ts';
import { detectSchema, type WrittenForm } from './detect-schema.ts';
import { detectionsMax } from './detection-counts.ts';

export interface WrittenDetection {
  readonly written: WrittenForm;
  readonly file: string;
  readonly line: number;
  /** A problem at a path within the detection. */
  problem(path: Path, code: ProblemCode, message: string): Problem;
}

/** The detections of a policies directory; none if the folder is missing. Throws ConfigError. */
export async function loadDetections(directory: string): Promise<readonly WrittenDetection[]> {
  const found: WrittenDetection[] = [];
  const problems: Problem[] = [];
  for (const file of (await listPolicyFiles(directory, 'detect')) ?? []) {
    try {
      found.push(...toDetections(await readYaml(file)));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  problems.push(...repeatedNames(found), ...tooMany(found));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(found);
}

/** The detections of one parsed file; throws ConfigError. */
function toDetections(source: YamlSource): readonly WrittenDetection[] {
  return checkYaml(source, detectSchema).detections.map((written, index) => ({
    written,
    file: source.file,
    line: source.at(['detections', index]).line,
    problem: (path, code, message) =>
      source.problem({ path: ['detections', index, ...path], code, message }),
  }));
}

/** Names must be unique: an alert identifies its detection by name alone. */
function repeatedNames(found: readonly WrittenDetection[]): Problem[] {
  const seen = new Map<string, WrittenDetection>();
  return found.flatMap((one): Problem[] => {
    const { name } = one.written;
    const other = seen.get(name);
    seen.set(name, one);
    if (other === undefined) return [];
    const message = `the name "${name}" is taken by ${other.file}:${other.line}`;
    return [one.problem(['name'], 'duplicate-name', message)];
  });
}

function tooMany(found: readonly WrittenDetection[]): Problem[] {
  const first = found[detectionsMax];
  if (first === undefined) return [];
  return [first.problem([], 'out-of-range', `more than ${detectionsMax} detections in all`)];
}
