/** Compiles how the rows of joins and links are asked for by key. */
import { getNamedType } from 'graphql';
import type { Source } from '../graph/graph-parts.ts';
import { listDepthOf } from '../graph/list-depth.ts';
import { toWireType } from './asked-text.ts';
import { compileCall } from './compile-call.ts';
import { compileDecoder } from './decoder.ts';
import type { DecoderMeans } from './decoder-means.ts';
import { isRequired } from './nullability.ts';
import { type ByKey, type Selection, Unsupported } from './program.ts';
import { shapeOf } from './selection.ts';

/** One for each operation, since what asks for the same rows shares its keys. */
export class ByKeyCompiler {
  readonly #decoderMeans: (source: Source) => DecoderMeans;
  readonly #loaderKeys = new Map<string, object>();

  constructor(decoderMeans: (source: Source) => DecoderMeans) {
    this.#decoderMeans = decoderMeans;
  }

  /** Throws Unsupported if the target is no field of the upstream's. */
  compile(source: Source, target: ByKey['target'], selection: Selection, isKeyed: boolean): ByKey {
    const query = source.schema.getQueryType();
    const root = query?.getFields()[target.field];
    const argument = root?.args.find((one) => one.name === target.argument);
    if (root === undefined || argument === undefined) throw new Unsupported('no-target');
    const executable = getNamedType(root.type);
    return {
      source,
      target,
      selection,
      isKeyed,
      keyType: toWireType(source, String(argument.type)),
      call:
        source.kind === 'openapi'
          ? compileCall(source, `Query.${root.name}`, root, selection)
          : undefined,
      listDepth: listDepthOf(root.type),
      required: isRequired(source, `${query?.name}.${root.name}`),
      decode: compileDecoder(
        { type: root.type, executable, selection },
        this.#decoderMeans(source),
      ),
      loaderKey: this.#loaderKey([
        source.name,
        target.field,
        target.argument,
        isKeyed,
        shapeOf(selection),
      ]),
    };
  }

  #loaderKey(identity: unknown): object {
    const text = JSON.stringify(identity);
    const loaderKey = this.#loaderKeys.get(text) ?? {};
    this.#loaderKeys.set(text, loaderKey);
    return loaderKey;
  }
}
