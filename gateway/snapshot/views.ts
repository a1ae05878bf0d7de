/**
 * What each caller sees of the schema, with everything that is checked against it. Most callers
 * see the public schema; from whom a rule hides something, a view of their own is built when they
 * first come, and shared by all from whom the same is hidden.
 *
 * Nothing that one view let pass counts for another: documents are parsed and validated per view.
 * Bounded: views and documents leave when they are least used. Fails closed: where a view cannot
 * be built the request ends in a fault, where nothing is left to query in a refusal.
 */
import { type DocumentNode, type GraphQLSchema, visit } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Grants } from '../authorize/grants.ts';
import { type Hidden, nothingHidden } from '../authorize/view/hidden.ts';
import type { BuildView, PublicSchema } from '../authorize/view/public-schema.ts';
import { createSeenBefore } from '../caches/seen-before.ts';
import { Refusal } from '../decision.ts';
import { type CheckCost, createCostCheck } from '../limits/cost/cost.ts';
import type { CostWeights } from '../limits/cost/cost-weights.ts';
import { type CheckedDocument, checkDocument } from '../limits/document.ts';
import type { Limits } from '../limits/limits.ts';
import { createNullPlaces, type NullPlaces } from '../limits/null-places.ts';

export interface CallerView {
  /** Says what is hidden; equal for equal views, empty for the public schema. */
  readonly key: string;
  readonly schema: GraphQLSchema;
  /** A document parsed, limited and validated; from the cache where it is known. */
  checkDocument(text: string): CheckedDocument | Refusal;
  readonly checkCost: CheckCost;
  readonly nullPlaces: NullPlaces;
}

export interface Views {
  /** What nothing is hidden from. */
  readonly whole: CallerView;
  of(grants: Grants): CallerView | Refusal;
}

const documentCacheBytesMax = 32 * 1024 * 1024;
/** What a parsed document holds in memory, with what is found out about it; measured. */
const bytesPerDocument = 4_000;
const bytesPerNode = 420;
/** Views kept at once, and what they may hold together. */
const viewsMax = 256;
const viewsBytesMax = 128 * 1024 * 1024;
/** What one field of a schema holds in memory, measured generously. */
const bytesPerField = 1_500;

export function createViews(options: {
  whole: PublicSchema;
  build: BuildView;
  hiddenOf: (grants: Grants) => Hidden;
  weights: CostWeights;
  limits: Limits;
}): Views {
  const { build, hiddenOf, weights, limits } = options;
  const documents: Documents = {
    seenBefore: createSeenBefore(),
    kept: new LRUCache({
      maxSize: documentCacheBytesMax,
      sizeCalculation: (byView, key) => {
        let bytes = 2 * key.length;
        for (const { document } of byView.values()) bytes += bytesOfDocument(document);
        return bytes;
      },
    }),
  };
  let made = 0;
  const toView = (key: string, { schema }: PublicSchema): CallerView => {
    // A number of its own: a view that comes back later must not meet the documents of the first.
    const number = made;
    made += 1;
    return {
      key,
      schema,
      checkDocument: (text) => check(documents, number, text, { schema, limits }),
      checkCost: createCostCheck({ schema, weights, limits }),
      nullPlaces: createNullPlaces(schema),
    };
  };
  const whole = toView(nothingHidden.key, options.whole);
  const views = new LRUCache<string, CallerView | Refusal>({
    max: viewsMax,
    maxSize: viewsBytesMax,
    sizeCalculation: (view) => (view instanceof Refusal ? 1_000 : bytesOf(view.schema)),
  });
  const known = new WeakMap<Grants, Hidden>();
  return {
    whole,
    of(grants) {
      const hidden = known.get(grants) ?? hiddenOf(grants);
      known.set(grants, hidden);
      if (hidden.key === whole.key) return whole;
      const found = views.get(hidden.key);
      if (found !== undefined) return found;
      const built = build(hidden.coordinates);
      const view =
        built === undefined ? new Refusal('authorize/denied') : toView(hidden.key, built);
      views.set(hidden.key, view);
      return view;
    },
  };
}

interface Documents {
  /** By text, then by the number of the view: a text is hashed once, and never joined to anything. */
  readonly kept: LRUCache<string, ReadonlyMap<number, CheckedDocument>>;
  readonly seenBefore: (text: string) => boolean;
}

/**
 * Refused documents are not kept, nor are those that come for the first time: an attacker has more
 * of them than a cache has room.
 */
function check(
  { kept, seenBefore }: Documents,
  view: number,
  text: string,
  against: { schema: GraphQLSchema; limits: Limits },
): CheckedDocument | Refusal {
  const byView = kept.get(text);
  const found = byView?.get(view);
  if (found !== undefined) return found;
  const checked = checkDocument(text, against.schema, against.limits);
  if (checked instanceof Refusal) return checked;
  if (byView === undefined && !seenBefore(text)) return checked;
  // Another map, not the same with more in it: its size is counted when it is set.
  kept.set(text, new Map([...(byView ?? []), [view, checked]]));
  return checked;
}

/** A text that many views share is set again with each: its documents are walked once. */
const documentBytes = new WeakMap<DocumentNode, number>();

function bytesOfDocument(document: DocumentNode): number {
  const known = documentBytes.get(document);
  if (known !== undefined) return known;
  let nodes = 0;
  visit(document, {
    enter() {
      nodes += 1;
    },
  });
  const bytes = bytesPerDocument + bytesPerNode * nodes;
  documentBytes.set(document, bytes);
  return bytes;
}

function bytesOf(schema: GraphQLSchema): number {
  let fields = 1;
  for (const type of Object.values(schema.getTypeMap())) {
    if ('getFields' in type) fields += Object.keys(type.getFields()).length;
    if ('getValues' in type) fields += type.getValues().length;
  }
  return fields * bytesPerField;
}
