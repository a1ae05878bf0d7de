/** Which engine tests run that do not say: the compiled one, unless TEST_ENGINE asks for the other. */
export const testEngine = process.env.TEST_ENGINE === 'reference' ? 'reference' : 'compiled';

/** The files of a gateway, with the engine of the tests where they name none. */
export function withTestEngine(
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const config = files['gateway.yaml'];
  if (config === undefined || testEngine === 'compiled' || /^engine:/m.test(config)) return files;
  return { ...files, 'gateway.yaml': `${config.trimEnd()}\nengine: ${testEngine}\n` };
}
