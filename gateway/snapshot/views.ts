/**
 * What each caller sees of the schema, with everything that is checked against it. Most callers see
 * the public schema; if a rule hides something from a caller, a view is built on first use and
 * shared by all callers from whom the same is hidden.
 *
 * A check passed in one view never counts for another: documents are parsed and validated per view.
 * Bounded: the least recently used views and documents are evicted. Fails closed: if a view cannot
 * be built the request ends in a fault, if nothing is left to query in a refusal.
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
  /** Identifies what is hidden: equal for equal views, empty for the public schema. */
  readonly key: string;
  readonly schema: GraphQLSchema;
  /** Parses, limits and validates a document, or takes it from the cache. */
  checkDocument(text: string): CheckedDocument | Refusal;
  readonly checkCost: CheckCost;
  readonly nullPlaces: NullPlaces;
}

export interface Views {
  /** The view from which nothing is hidden. */
  readonly whole: CallerView;
  of(grants: Grants): CallerView | Refusal;
}

const documentCacheBytesMax = 32 * 1024 * 1024;
/** Memory of a parsed document and what is derived from it; measured. */
const bytesPerDocument = 4_000;
const bytesPerNode = 420;
/** Limits on the views cached at once, by number and by total size. */
const viewsMax = 256;
const viewsBytesMax = 128 * 1024 * 1024;
/** Memory of one field of a schema, measured generously. */
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
    // A view that is evicted and rebuilt gets a new number, so that it does not meet the documents
    // of the first.
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
  /**
   * By text, then by the number of the view: a text is hashed once and never concatenated with
   * anything.
   */
  readonly kept: LRUCache<string, ReadonlyMap<number, CheckedDocument>>;
  readonly seenBefore: (text: string) => boolean;
}

/**
 * Neither refused documents nor those seen for the first time are cached: an attacker can send more
 * of them than the cache holds.
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
  // A new map instead of the same one enlarged: the cache computes the size when an entry is set.
  kept.set(text, new Map([...(byView ?? []), [view, checked]]));
  return checked;
}

/** A text shared by many views is set again for each, so its documents are walked only once. */
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
