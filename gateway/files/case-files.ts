/**
 * What all case files share, whatever their cases are: the outer format, unique names within a
 * file, and how the files of a policy folder are read.
 */
import { z } from 'zod';
import { ConfigError, type Path, type Problem } from './config-error.ts';
import { listCaseFiles } from './policy-folder.ts';
import { checkYaml } from './yaml-check.ts';
import { complain } from './yaml-complaint.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

type Context = { issues: z.core.$ZodRawIssue[] };

const casesMax = 1_000;

export const caseName = z.string().min(1).max(200);

/** The schema of a file of such cases. */
export const toCaseFileSchema = <Case extends z.ZodType<{ readonly name: string }>>(one: Case) =>
  z.strictObject({
    version: z.literal(1).optional(),
    cases: z.array(one).max(casesMax).superRefine(refuseRepeats),
  });

/** In the report of a failure, two cases of one name could not be told apart. */
function refuseRepeats(cases: readonly { readonly name: string }[], context: Context): void {
  const seen = new Set<string>();
  for (const [index, { name }] of cases.entries()) {
    if (seen.has(name)) {
      const message = 'another case of this file has this name';
      complain(context, { code: 'duplicate-name', message, path: [index, 'name'] });
    }
    seen.add(name);
  }
}

/** The position of a case in its file. */
export interface CasePlace {
  readonly source: YamlSource;
  readonly path: Path;
}

/**
 * Loads the cases in the order of files and entries, with the problems of unreadable files.
 * @param isAsked selects folders of `directory` by name
 */
export async function loadCaseFiles<Case extends object>(
  directory: string,
  isAsked: (folder: string) => boolean,
  schema: z.ZodType<{ readonly cases: readonly Case[] }>,
): Promise<{
  readonly cases: readonly (Case & CasePlace)[];
  readonly problems: readonly Problem[];
}> {
  const cases: (Case & CasePlace)[] = [];
  const problems: Problem[] = [];
  for (const file of await listCaseFiles(directory, isAsked)) {
    try {
      const source = await readYaml(file);
      const found = checkYaml(source, schema).cases;
      cases.push(...found.map((one, index) => ({ ...one, source, path: ['cases', index] })));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  return { cases, problems };
}
