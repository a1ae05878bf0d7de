/** Reports faults of gateway.yaml, or of the machine, at the responsible line of gateway.yaml. */
import type { Config } from '../config.ts';
import { ConfigError, formatPath } from '../files/config-error.ts';
import type { Environment } from '../files/environment-text.ts';
import { MisfitError } from '../files/misfit-error.ts';
import { systemCode } from '../files/system-error.ts';
import { readYaml } from '../files/yaml-source.ts';

/** Runs `work` and turns a MisfitError into a ConfigError with the line. */
export async function atLine<Value>(
  file: string,
  options: { readonly env: Environment },
  work: () => Value | Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MisfitError)) throw error;
    const { message, path } = error;
    const source = await readYaml(file, options);
    const where = { file: source.file, ...source.at(path), path: formatPath(path) };
    throw new ConfigError([{ ...where, code: 'misfit', message }]);
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'the system does not allow it',
  ENOTFOUND: 'there is no such host',
};

/** Opens one of the two ports; throws ConfigError with the line if that fails. */
export async function opened<Value>(
  key: 'listen' | 'admin',
  { config, env }: { readonly config: Config; readonly env: Environment },
  open: () => Promise<Value>,
): Promise<Value> {
  const { host, port } = config[key];
  return await atLine(config.file, { env }, async () => {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof Error) || !('syscall' in error)) throw error;
      const code = systemCode(error);
      const why = reasons[code] === undefined ? code : `${reasons[code]} (${code})`;
      const part = code === 'EADDRINUSE' || code === 'EACCES' ? 'port' : 'host';
      const message = `${key}: cannot listen on ${host}, port ${port}: ${why}`;
      throw new MisfitError(message, [key, part], { cause: error });
    }
  });
}
